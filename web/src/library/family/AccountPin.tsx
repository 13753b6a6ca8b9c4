import { Button, PasswordInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { Card, ReasonText } from '~/kit/parts'
import { toast } from '~/kit/toast'
import css from '../library.module.css'

/** The PIN that keeps children in their profile. */
export function AccountPin() {
  const { t } = useTranslation()
  const [pin, setPin] = useState('')
  const [current, setCurrent] = useState('')
  const save = useMutation({
    mutationFn: (wanted: string | null) =>
      must(api.POST('/v1/parental-controls/pin', { body: { pin: wanted, currentPin: current || null } })),
    onSuccess: () => {
      setPin('')
      setCurrent('')
      toast.good(t('common.saved'))
    },
  })
  return (
    <Card title={t('library.pin.account')}>
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate(pin)
        }}
      >
        <p className={css.dim}>{t('library.pin.account.about')}</p>
        <PasswordInput
          label={t('library.pin.current')}
          value={current}
          autoComplete="off"
          onChange={(event) => setCurrent(event.currentTarget.value)}
        />
        <PasswordInput
          label={t('library.pin.new')}
          description={t('library.pin.about')}
          value={pin}
          inputMode="numeric"
          autoComplete="off"
          onChange={(event) => setPin(event.currentTarget.value)}
        />
        {save.error && <ReasonText error={save.error} />}
        <div className={css.row}>
          <Button type="submit" loading={save.isPending} disabled={!pin}>
            {t('common.save')}
          </Button>
          <Button variant="subtle" color="gray" onClick={() => save.mutate(null)}>
            {t('library.pin.remove')}
          </Button>
        </div>
      </form>
    </Card>
  )
}
