import { useTranslation } from 'react-i18next'
import { ReasonText } from '~/kit/parts'
import css from './door.module.css'

/** Before the first answer: quiet, and after a failed one the reason. */
export function Starting({ failed }: { failed: boolean }) {
  const { t } = useTranslation()
  return (
    <main className={css.door}>
      {failed && (
        <div className={css.box}>
          <ReasonText level="warning" title={t('banner.lost')}>
            {t('banner.starting')}
          </ReasonText>
        </div>
      )}
    </main>
  )
}
