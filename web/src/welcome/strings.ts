import type { Strings } from '~/kit/strings'

export const strings: Strings = {
  'welcome.title': ['Set up the server', 'Server einrichten'],
  'welcome.about': [
    'Each step can be skipped and taken up again later.',
    'Jeder Schritt lässt sich überspringen und später nachholen.',
  ],
  'welcome.step': ['Step {{at}} of {{all}}', 'Schritt {{at}} von {{all}}'],
  'welcome.owner': ['Owner', 'Besitzer'],
  'welcome.done': ['All set', 'Alles bereit'],
  'welcome.done.about': [
    'The server is yours. Everything can be changed later under Settings.',
    'Der Server gehört Ihnen. Unter Einstellungen lässt sich später alles ändern.',
  ],
  'welcome.home': ['Go to the start page', 'Zur Startseite'],
}
