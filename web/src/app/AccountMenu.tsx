import { ActionIcon, Menu, useDirection, useMantineColorScheme } from '@mantine/core'
import { IconDeviceDesktop, IconKeyboard, IconLanguage, IconLogout, IconMoon, IconSun, IconUser } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { api } from '~/api/client'
import { useGo } from '~/kit/go'
import { isRtl } from '~/kit/i18n'
import { Person } from '~/kit/parts'
import { useSession } from '~/kit/session'
import { useStore } from '~/kit/store'
import { LANGUAGES } from '~/kit/strings'
import { ACCENTS, accent } from '~/kit/theme'
import css from './shell.module.css'
import { keysOpen } from './signals'

const SCHEMES = [
  ['dark', IconMoon],
  ['light', IconSun],
  ['auto', IconDeviceDesktop],
] as const

export async function signOut(): Promise<void> {
  await api.DELETE('/polycast/v1/session')
  location.assign('/app') // a fresh page: nothing of the old account stays in memory
}

function AccentChoice() {
  const { t } = useTranslation()
  const chosen = useStore(accent)
  return (
    <div className={css.swatches} role="radiogroup" aria-label={t('account.accent')}>
      {ACCENTS.map((one) => (
        <button
          key={one}
          type="button"
          role="radio"
          aria-checked={one === chosen}
          aria-label={t(`accent.${one}`)}
          className={css.swatch}
          style={{ background: `var(--mantine-color-${one}-6)` }}
          onClick={() => accent.set(one)}
        />
      ))}
    </div>
  )
}

export function AccountMenu() {
  const { t, i18n } = useTranslation()
  const { me } = useSession()
  const go = useGo()
  const { setDirection } = useDirection()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const language = (to: string) => {
    void i18n.changeLanguage(to)
    setDirection(isRtl(to) ? 'rtl' : 'ltr')
  }
  const offered =
    import.meta.env.DEV || i18n.language.startsWith('pseudo') ? LANGUAGES : LANGUAGES.filter((one) => !one.startsWith('pseudo'))
  return (
    <Menu position="bottom-end" width={250}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" radius="xl" aria-label={t('account.menu', { name: me.username })}>
          <Person name={me.username} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{me.username}</Menu.Label>
        <Menu.Item leftSection={<IconUser size={16} />} onClick={() => go('/account')}>
          {t('account.title')}
        </Menu.Item>
        <Menu.Item leftSection={<IconKeyboard size={16} />} onClick={() => keysOpen.set(true)}>
          {t('keys.title')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t('account.scheme')}</Menu.Label>
        {SCHEMES.map(([scheme, Picture]) => (
          <Menu.Item
            key={scheme}
            role="menuitemradio"
            aria-checked={colorScheme === scheme}
            leftSection={<Picture size={16} />}
            rightSection={colorScheme === scheme ? '✓' : null}
            closeMenuOnClick={false}
            onClick={() => setColorScheme(scheme)}
          >
            {t(`scheme.${scheme}`)}
          </Menu.Item>
        ))}
        <AccentChoice />
        <Menu.Label>{t('account.language')}</Menu.Label>
        {offered.map((one) => (
          <Menu.Item
            key={one}
            role="menuitemradio"
            aria-checked={i18n.language === one}
            leftSection={<IconLanguage size={16} />}
            rightSection={i18n.language === one ? '✓' : null}
            onClick={() => language(one)}
          >
            {t(`language.${one}`)}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOut()}>
          {t('account.signout')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
