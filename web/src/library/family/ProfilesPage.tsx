import { Badge, Button } from '@mantine/core'
import { IconUsers } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { useConfirmDanger } from '~/kit/confirm'
import { clip } from '~/kit/format'
import { Card, EmptyState, Loaded, Person } from '~/kit/parts'
import { toast } from '~/kit/toast'
import { LibraryPage } from '../LibraryPage'
import css from '../library.module.css'
import { PROFILES, type Profile } from '../shapes'
import { AccountPin } from './AccountPin'
import { ProfileForm } from './ProfileForm'
import { SwitchTo } from './SwitchTo'

/** The rules of a profile in a line. */
function useRules(): (profile: Profile) => string {
  const { t } = useTranslation()
  return ({ maxAge, dailyLimitMinutes, bedtime, blockUnrated }) =>
    [
      maxAge == null ? t('library.profile.anyage') : t('library.profile.age', { age: maxAge }),
      blockUnrated ? t('library.profile.norating') : '',
      dailyLimitMinutes == null ? '' : t('library.profile.minutes', { count: dailyLimitMinutes }),
      bedtime ? t('library.profile.bedtime', { from: String(bedtime.from), to: String(bedtime.to) }) : '',
    ]
      .filter(Boolean)
      .join(' · ')
}

function ScreenTime({ id }: { id: string }) {
  const { t } = useTranslation()
  const { data } = useQuery({
    queryKey: [...PROFILES, 'time', id],
    queryFn: ({ signal }) =>
      must(api.GET('/v1/parental-controls/profiles/{profile_id}/screen-time', { params: { path: { profile_id: id } }, signal })),
  })
  return <div className={css.dim}>{t('library.profile.today', { count: data?.todayMinutes ?? 0 })}</div>
}

function ProfileCard({ profile }: { profile: Profile }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const confirm = useConfirmDanger()
  const rules = useRules()
  const [open, setOpen] = useState<'edit' | 'switch' | null>(null)
  const remove = useMutation({
    mutationFn: () =>
      must(api.DELETE('/v1/parental-controls/profiles/{profile_id}', { params: { path: { profile_id: profile.id } } })),
    onSettled: () => cache.invalidateQueries({ queryKey: PROFILES }),
    onError: (error) => toast.failed(t('common.failed'), error),
  })
  const name = clip(profile.name, 80)
  return (
    <Card>
      <div className={css.stack}>
        <div className={css.row}>
          <Person name={profile.name} size={44} />
          <h2 className={css.name}>{name}</h2>
          {profile.isActive && <Badge>{t('library.profile.active')}</Badge>}
          {profile.kidsUi && <Badge variant="default">{t('library.profile.kids')}</Badge>}
          {profile.hasPin && <Badge variant="default">{t('library.profile.pin')}</Badge>}
        </div>
        <div className={css.dim}>{rules(profile)}</div>
        <ScreenTime id={profile.id} />
        <div className={css.row}>
          {!profile.isActive && (
            <Button size="xs" onClick={() => setOpen('switch')}>
              {t('library.profile.switch')}
            </Button>
          )}
          <Button size="xs" variant="default" onClick={() => setOpen('edit')}>
            {t('common.edit')}
          </Button>
          <Button
            size="xs"
            color="red"
            variant="subtle"
            onClick={() =>
              confirm({
                title: name,
                what: t('library.profile.remove.about'),
                action: t('library.remove'),
                run: () => remove.mutate(),
              })
            }
          >
            {t('library.remove')}
          </Button>
        </div>
      </div>
      {open === 'edit' && <ProfileForm profile={profile} onClose={() => setOpen(null)} />}
      {open === 'switch' && <SwitchTo profile={profile} onClose={() => setOpen(null)} />}
    </Card>
  )
}

/** The people of a family who share an account: what each may see, for how long, and who watches now. */
export default function ProfilesPage() {
  const { t } = useTranslation()
  const [open, setOpen] = useState<'new' | 'back' | null>(null)
  const query = useQuery({
    queryKey: PROFILES,
    queryFn: ({ signal }) => must(api.GET('/v1/parental-controls/profiles', { signal })),
  })
  return (
    <LibraryPage
      title={t('library.family')}
      actions={
        <>
          {query.data?.items.some((one) => one.isActive) && (
            <Button variant="default" onClick={() => setOpen('back')}>
              {t('library.profile.back')}
            </Button>
          )}
          <Button onClick={() => setOpen('new')}>{t('library.profile.new')}</Button>
        </>
      }
    >
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState icon={IconUsers} title={t('library.profile.none')}>
              {t('library.profile.none.about')}
            </EmptyState>
          ) : (
            <div className={css.cards}>
              {items.map((profile) => (
                <ProfileCard key={profile.id} profile={profile} />
              ))}
            </div>
          )
        }
      </Loaded>
      <AccountPin />
      {open === 'new' && <ProfileForm onClose={() => setOpen(null)} />}
      {open === 'back' && <SwitchTo profile={null} onClose={() => setOpen(null)} />}
    </LibraryPage>
  )
}
