import type { Strings } from '~/kit/strings'

export const strings: Strings = {
  'guide.hit': ['Programme', 'Sendung'],
  'guide.now': ['Now', 'Jetzt'],
  'guide.day': ['Day', 'Tag'],
  'guide.group': ['Group', 'Gruppe'],
  'guide.channels': ['Find a channel', 'Sender suchen'],
  'guide.programmes': ['Find a programme', 'Sendung suchen'],
  'guide.zoomin': ['Wider', 'Breiter'],
  'guide.zoomout': ['Narrower', 'Schmaler'],
  'guide.none': ['No channels in the guide', 'Keine Sender im Programm'],
  'guide.none.about': [
    'Add a source with channels, or choose another group.',
    'Fügen Sie eine Quelle mit Sendern hinzu oder wählen Sie eine andere Gruppe.',
  ],
  'guide.sources': ['Go to the sources', 'Zu den Quellen'],
  'guide.watch': ['Watch', 'Ansehen'],
  'guide.replay': ['Watch from the start', 'Von Anfang an ansehen'],
  'guide.record': ['Record', 'Aufnehmen'],
  'guide.unrecord': ['Do not record', 'Nicht aufnehmen'],
  'guide.recorded': ['It will be recorded', 'Wird aufgenommen'],
  'guide.remind': ['Remind me', 'Erinnern'],
  'guide.unremind': ['Do not remind me', 'Nicht erinnern'],
  'guide.nohits': ['Nothing found', 'Nichts gefunden'],
  'guide.people': ['With {{names}}', 'Mit {{names}}'],
  'guide.new': ['new', 'neu'],
  'guide.live': ['live', 'live'],
}
