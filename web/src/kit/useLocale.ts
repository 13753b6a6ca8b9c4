import { useTranslation } from 'react-i18next'
import { localeOf } from './i18n'

export function useLocale(): string {
  return localeOf(useTranslation().i18n.language)
}
