import type { Strings } from '~/kit/strings'

/** Of the pages that lead out of the house and into it: outputs, the first run. */
export const outward: Strings = {
  'outputs.title': ['Outputs', 'Ausgaben'],
  'outputs.about': ['The addresses for players and apps', 'Die Adressen für Player und Apps'],
  'outputs.allchannels': ['All channels', 'Alle Sender'],
  'outputs.warning': ['Other devices may not reach these addresses', 'Andere Geräte erreichen diese Adressen vielleicht nicht'],
  'outputs.loopback': [
    'You came by “{{host}}”, a name only this machine knows. Start the server with HOST=0.0.0.0 and open this page by the address of the machine; then the addresses here fit.',
    'Sie kamen über „{{host}}“, einen Namen, den nur dieses Gerät kennt. Starten Sie den Server mit HOST=0.0.0.0 und öffnen Sie diese Seite über die Adresse des Geräts; dann passen die Adressen hier.',
  ],
  'outputs.m3u.title': ['Playlist (M3U)', 'Senderliste (M3U)'],
  'outputs.m3u.about': ['For VLC, Kodi, Jellyfin and most others.', 'Für VLC, Kodi, Jellyfin und die meisten anderen.'],
  'outputs.yours': ['With a password of the device, from anywhere', 'Mit einem Gerätepasswort, von überall'],
  'outputs.home': ['Without a password, in the home network', 'Ohne Passwort, im Heimnetz'],
  'outputs.m3u.home.title': ['Playlist for the home network (M3U)', 'Senderliste fürs Heimnetz (M3U)'],
  'outputs.m3u.home.about': ['Opens only to private networks.', 'Nur aus privaten Netzen erreichbar.'],
  'outputs.xmltv.home.title': ['Guide for the home network (XMLTV)', 'Programm fürs Heimnetz (XMLTV)'],
  'outputs.xmltv.home.about': [
    'The programme of the same channels, for private networks only.',
    'Das Programm derselben Sender, nur aus privaten Netzen.',
  ],
  'outputs.xmltv.title': ['Guide (XMLTV)', 'Programm (XMLTV)'],
  'outputs.xmltv.about': ['The programme of the same channels.', 'Das Programm derselben Sender.'],
  'outputs.hdhr.title': ['HDHomeRun', 'HDHomeRun'],
  'outputs.hdhr.about': [
    'For Plex, Emby, Jellyfin and Channels, which take the server for a tuner. Open to private networks only.',
    'Für Plex, Emby, Jellyfin und Channels, die den Server für einen Empfänger halten. Nur aus privaten Netzen erreichbar.',
  ],
  'outputs.xtream.title': ['Xtream', 'Xtream'],
  'outputs.xtream.about': [
    'For TiviMate, IPTV Smarters and others: this server, the user name {{username}} and a device password.',
    'Für TiviMate, IPTV Smarters und andere: dieser Server, der Benutzername {{username}} und ein Gerätepasswort.',
  ],
  'outputs.fordevice': ['Make a password for the device', 'Passwort für das Gerät machen'],
  'outputs.fordevice.about': [
    'It is put into the addresses below and can be revoked at any time.',
    'Es wird unten in die Adressen eingesetzt und lässt sich jederzeit widerrufen.',
  ],
  'outputs.make': ['Make the password', 'Passwort machen'],
  'outputs.hints': ['How to set up a player', 'So richten Sie einen Player ein'],
  'outputs.plex': ['Plex', 'Plex'],
  'outputs.plex.how': [
    'Settings → Live TV & DVR → Set up. Plex finds “Polycast” by itself or takes {{origin}}/hdhr as a device address. For the guide choose XMLTV and the address above.',
    'Einstellungen → Live-TV & DVR → Einrichten. Plex findet „Polycast“ selbst oder nimmt {{origin}}/hdhr als Geräteadresse. Beim Programm wählen Sie XMLTV und die Adresse oben.',
  ],
  'outputs.jellyfin': ['Jellyfin and Emby', 'Jellyfin und Emby'],
  'outputs.jellyfin.how': [
    'Dashboard → Live TV → Tuner: M3U with the playlist address, or HDHomeRun with {{origin}}/hdhr. Then add the XMLTV address as guide provider.',
    'Übersicht → Live-TV → Tuner: M3U mit der Adresse der Senderliste oder HDHomeRun mit {{origin}}/hdhr. Dann die XMLTV-Adresse als Programmanbieter hinzufügen.',
  ],
  'outputs.kodi': ['Kodi', 'Kodi'],
  'outputs.kodi.how': [
    'Install “PVR IPTV Simple Client”, enter the playlist address as M3U URL and the guide address as XMLTV URL.',
    '„PVR IPTV Simple Client“ installieren, die Adresse der Senderliste als M3U-URL und die des Programms als XMLTV-URL eintragen.',
  ],
  'outputs.tivimate': ['TiviMate and other Xtream apps', 'TiviMate und andere Xtream-Apps'],
  'outputs.tivimate.how': [
    'Add playlist → Xtream Codes. Server {{origin}}, user name {{username}}, password: a device password. The guide comes along by itself.',
    'Playlist hinzufügen → Xtream Codes. Server {{origin}}, Benutzername {{username}}, Passwort: ein Gerätepasswort. Das Programm kommt von selbst mit.',
  ],
  'outputs.vlc': ['VLC', 'VLC'],
  'outputs.vlc.how': [
    'Media → Open network stream, and paste the playlist address.',
    'Medien → Netzwerkstream öffnen und die Adresse der Senderliste einfügen.',
  ],
  'welcome.source': ['Channels', 'Sender'],
  'welcome.source.title': ['Where do your channels come from?', 'Woher kommen Ihre Sender?'],
  'welcome.source.about': [
    'Give the address of a playlist, or the login of an Xtream account.',
    'Geben Sie die Adresse einer Senderliste oder den Zugang eines Xtream-Kontos an.',
  ],
  'welcome.importing': ['Reading the playlist …', 'Die Senderliste wird gelesen …'],
  'welcome.import.failed': ['The playlist could not be read', 'Die Senderliste ließ sich nicht lesen'],
  'welcome.found': ['Found: {{streams}} in {{groups}}.', 'Gefunden: {{streams}} in {{groups}}.'],
  'welcome.foundgroups': ['Found: {{groups}} of streams.', 'Gefunden: {{groups}} von Streams.'],
  'welcome.makeall': ['Make channels of all of them', 'Aus allen Sender machen'],
  'welcome.chooselater': ['I choose the groups later', 'Ich wähle die Gruppen später'],
  'welcome.guide': ['Guide', 'Programm'],
  'welcome.guide.title': ['What do they show?', 'Was zeigen sie?'],
  'welcome.guide.about': [
    'An XMLTV guide fills the programme of your channels. What surely fits is matched by itself.',
    'Ein XMLTV-Programm füllt das Programm Ihrer Sender. Was sicher passt, wird von selbst zugeordnet.',
  ],
  'welcome.guide.reading': ['Reading the guide …', 'Das Programm wird gelesen …'],
  'welcome.guide.matching': ['Looking for the programme of each channel …', 'Zu jedem Sender wird das Programm gesucht …'],
  'welcome.guide.have': [
    '{{matched}} of {{count, number}} channels have their programme',
    '{{matched}} von {{count, number}} Sendern haben ihr Programm',
  ],
  'welcome.guide.have_one': [
    '{{matched}} of {{count, number}} channel has its programme',
    '{{matched}} von {{count, number}} Sender hat sein Programm',
  ],
  'welcome.guide.making': ['The channels are still being made …', 'Die Sender werden noch angelegt …'],
  'welcome.guide.failed': ['The guide could not be used', 'Das Programm ließ sich nicht verwenden'],
  'welcome.guide.rest': [
    'Less certain matches wait under “Guide matching” for your decision.',
    'Weniger sichere Zuordnungen warten unter „Programmzuordnung“ auf Ihre Entscheidung.',
  ],
  'welcome.watch': ['Watch', 'Ansehen'],
  'welcome.watch.title': ['See it work', 'Sehen, dass es geht'],
  'welcome.watch.about': [
    'Play one of your channels. The picture appears below and stays while you go on.',
    'Spielen Sie einen Ihrer Sender ab. Das Bild erscheint unten und bleibt, während Sie weitermachen.',
  ],
  'welcome.watch.none': [
    'The channels are still being made. They appear here by themselves.',
    'Die Sender werden noch angelegt. Sie erscheinen hier von selbst.',
  ],
}
