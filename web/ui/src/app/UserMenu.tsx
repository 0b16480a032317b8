/* UserMenu.tsx - who I am here, and what is mine to choose: language, colours, sounds, keys; and out. */
import { Avatar, Menu, UnstyledButton, useMantineColorScheme } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import { Icon } from '../parts/Icon'
import { initials } from '../parts/initials'
import { LANGUAGES, type Language, setLanguage } from './i18n'
import { setPrefs, usePrefs } from './prefs'
import { useSession, useUser } from './session'

export function UserMenu({ onKeys }: { onKeys(): void }) {
	const { t, i18n } = useTranslation()
	const { signOut } = useSession()
	const user = useUser()
	const prefs = usePrefs()
	const { colorScheme, setColorScheme } = useMantineColorScheme()
	const name = user.name || user.id
	const [, go] = useLocation()
	return (
		<Menu position="bottom-end" width={280}>
			<Menu.Target>
				<UnstyledButton style={{ borderRadius: '50%' }}>
					<span className="unseen">{t('user.menu', { name })}</span>
					<Avatar aria-hidden size={32} radius="xl" color="blue" variant="light">
						{initials(name)}
					</Avatar>
				</UnstyledButton>
			</Menu.Target>
			<Menu.Dropdown>
				<div style={{ padding: '8px 12px' }}>
					<div style={{ fontWeight: 600 }}>{name}</div>
					<div style={{ color: 'var(--ink-3)', fontSize: 12 }}>
						{user.tenant} · {user.id}
					</div>
				</div>
				<Menu.Divider />
				<Menu.Label aria-hidden="true">{t('app.language')}</Menu.Label>
				{(Object.entries(LANGUAGES) as [Language, string][]).map(([id, label]) => (
					<Menu.Item
						key={id}
						lang={id}
						closeMenuOnClick={false}
						onClick={() => void setLanguage(id)}
						leftSection={<span style={{ width: 18, display: 'flex' }}>{i18n.language === id && <Icon name="check" />}</span>}
					>
						{label}
					</Menu.Item>
				))}
				<Menu.Divider />
				<Menu.Label aria-hidden="true">{t('user.colours')}</Menu.Label>
				{(['auto', 'light', 'dark'] as const).map((id) => (
					<Menu.Item
						key={id}
						closeMenuOnClick={false}
						onClick={() => setColorScheme(id)}
						leftSection={<span style={{ width: 18, display: 'flex' }}>{colorScheme === id && <Icon name="check" />}</span>}
					>
						{t(`user.${id}`)}
					</Menu.Item>
				))}
				<Menu.Divider />
				<Menu.Item
					leftSection={<Icon name="volume" />}
					closeMenuOnClick={false}
					onClick={() => setPrefs({ soundOn: !prefs.soundOn })}
				>
					{t(prefs.soundOn ? 'user.sound_on' : 'user.sound_off')}
				</Menu.Item>
				<Menu.Item leftSection={<Icon name="lock" />} onClick={() => go('/account')}>
					{t('account.title')}
				</Menu.Item>
				<Menu.Item leftSection={<Icon name="keyboard" />} onClick={onKeys}>
					{t('keys.title')}
				</Menu.Item>
				<Menu.Item leftSection={<Icon name="signOut" />} onClick={() => void signOut()}>
					{t('user.sign_out')}
				</Menu.Item>
			</Menu.Dropdown>
		</Menu>
	)
}
