import { Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Session } from '~/api/shapes'
import css from './door.module.css'
import { SignInForm } from './SignInForm'

export default function SignIn({ onDone }: { onDone: (session: Session) => void }) {
  const { t } = useTranslation()
  return (
    <main className={css.door}>
      <div className={css.box}>
        <div className={css.brand}>
          <img src="/icon.svg" alt="" />
          <Title order={1}>Polycast</Title>
        </div>
        <p className={css.about}>{t('signin.about')}</p>
        <SignInForm onDone={onDone} />
      </div>
    </main>
  )
}
