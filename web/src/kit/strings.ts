/** Each string by key: English, German. Both are needed, so neither language can fall behind. */
export type Strings = Readonly<Record<string, readonly [en: string, de: string]>>

export const LANGUAGES = ['en', 'de', 'pseudo', 'pseudo-rtl'] as const
export type Language = (typeof LANGUAGES)[number]

const ACCENTS: Readonly<Record<string, string>> = {
  a: 'á',
  e: 'é',
  i: 'í',
  o: 'ó',
  u: 'ú',
  A: 'Á',
  E: 'É',
  I: 'Í',
  O: 'Ó',
  U: 'Ú',
  c: 'ç',
  n: 'ñ',
  s: 'š',
  y: 'ý',
}

/** A made-up language a third longer than English: what stays plain on the page has no key. Placeholders are kept. */
export function pseudo(text: string): string {
  const body = text.replace(/(\{\{.*?\}\})|([a-zA-Z])/g, (_, kept: string | undefined, letter: string | undefined) => {
    return kept ?? (letter ? (ACCENTS[letter] ?? letter) : '')
  })
  return `[${body}${'·'.repeat(Math.ceil(text.length / 3))}]`
}

export function tableOf(strings: Strings, language: Language): Record<string, string> {
  const pick = ([en, de]: readonly [string, string]) => (language === 'de' ? de : language === 'en' ? en : pseudo(en))
  return Object.fromEntries(Object.entries(strings).map(([key, pair]) => [key, pick(pair)]))
}
