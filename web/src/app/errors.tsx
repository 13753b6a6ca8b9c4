import { Button } from '@mantine/core'
import { IconMapQuestion } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { Go } from '~/kit/go'
import { EmptyState, Page, ReasonText } from '~/kit/parts'

export function NotHere() {
  const { t } = useTranslation()
  return (
    <EmptyState icon={IconMapQuestion} title={t('error.nothere')} action={<Go to="/">{t('error.gohome')}</Go>}>
      {t('error.nothere.about')}
    </EmptyState>
  )
}

/** A page that broke says so in its own place; the rail and the player go on. */
export function PageFailed({ error, reset }: { error: unknown; reset?: () => void }) {
  const { t } = useTranslation()
  return (
    <Page title={t('error.page')}>
      <ReasonText error={error} title={t('error.page.about')} retry={reset} />
      <div>
        <Button variant="default" onClick={() => location.reload()}>
          {t('error.reload')}
        </Button>
      </div>
    </Page>
  )
}
