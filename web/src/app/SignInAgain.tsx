import { Modal, Stack, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { setExpired } from '~/api/connection'
import type { Session } from '~/api/shapes'
import { useSession } from '~/kit/session'
import { SignInForm } from './SignInForm'

/** The session ended: sign in here, and what was typed and sent goes on as if nothing had been. */
export default function SignInAgain() {
  const { t } = useTranslation()
  const { me } = useSession()
  const cache = useQueryClient()
  const done = (session: Session) => {
    if (session.user?.id !== me.id) return location.assign('/app')
    cache.setQueryData(['core', 'session'], session)
    setExpired(false)
  }
  return (
    <Modal opened onClose={() => {}} withCloseButton={false} closeOnEscape={false} title={t('expired.title')} zIndex={500}>
      <Stack>
        <Text size="sm">{t('expired.about')}</Text>
        <SignInForm name={me.username} onDone={done} />
      </Stack>
    </Modal>
  )
}
