import type { Strings } from '~/kit/strings'

export const strings: Strings = {
  'settings.sections': ['Sections', 'Abschnitte'],
  'settings.find': ['Search the settings', 'Einstellungen durchsuchen'],
  'settings.nothing': ['No setting has these words', 'Keine Einstellung enthält diese Wörter'],
  'settings.nothing.about': ['Try a part of a word.', 'Versuchen Sie einen Teil eines Wortes.'],
  'settings.restart.needed': ['Some changes wait for a restart', 'Einige Änderungen warten auf einen Neustart'],
  'settings.restart.about': [
    'They are saved and hold from the next start of the server on.',
    'Sie sind gespeichert und gelten ab dem nächsten Start des Servers.',
  ],
  'settings.unsaved': ['{{count, number}} unsaved changes', '{{count, number}} ungespeicherte Änderungen'],
  'settings.discard': ['Discard', 'Verwerfen'],
  'settings.notsaved': ['Not saved', 'Nicht gespeichert'],
  'settings.unsaved_one': ['{{count, number}} unsaved change', '{{count, number}} ungespeicherte Änderung'],
}
