import i18next, { type i18n } from 'i18next'
import { initReactI18next } from 'react-i18next'
import { LANGUAGES, type Language, type Strings, tableOf } from './strings'

const KEPT = 'polycast.language'

export function chosenLanguage(): Language {
  const kept = localStorage.getItem(KEPT)
  if (LANGUAGES.some((one) => one === kept)) return kept as Language
  return navigator.language.toLowerCase().startsWith('de') ? 'de' : 'en'
}

export const isRtl = (language: string): boolean => language === 'pseudo-rtl'

/** Adds a module's words to all languages; the made-up ones only where somebody can choose them. */
export function learn(made: i18n, strings: Strings): void {
  const pseudo = import.meta.env.DEV || made.language.startsWith('pseudo')
  for (const one of LANGUAGES)
    if (pseudo || !one.startsWith('pseudo')) made.addResourceBundle(one, 'translation', tableOf(strings, one), true, true)
}

/** The locale for numbers and times: the made-up languages borrow English. */
export const localeOf = (language: string): string => (language === 'de' ? 'de' : 'en-GB')

export function startI18n(strings: Strings): i18n {
  const made = i18next.createInstance()
  void made.use(initReactI18next).init({
    lng: chosenLanguage(),
    fallbackLng: 'en',
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false }, // React escapes
    resources: Object.fromEntries(LANGUAGES.map((one) => [one, { translation: tableOf(strings, one) }])),
  })
  const apply = (language: string) => {
    document.documentElement.lang = localeOf(language)
    document.documentElement.dir = isRtl(language) ? 'rtl' : 'ltr'
  }
  apply(made.language)
  made.on('languageChanged', (language) => {
    localStorage.setItem(KEPT, language)
    apply(language)
  })
  return made
}
