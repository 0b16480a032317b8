/*
 * theme.ts - colours, type and shapes of all screens. Calm greys, one blue for what can be pressed; colours of
 * states are variables of their own (theme.css), never used without a word or an icon beside them.
 */
import { Button, Input, Menu, Popover, Tooltip, createTheme, mergeThemeOverrides, type MantineColorsTuple } from '@mantine/core'

const blue: MantineColorsTuple = [
	'#eef2ff', '#dbe4ff', '#bac8ff', '#91a7ff', '#748ffc', '#5c7cfa', '#4263eb', '#3b5bdb', '#364fc7', '#2b3f9e',
]
// dark enough for white words on it (WCAG 1.4.3)
const green: MantineColorsTuple = [
	'#e7f6ed', '#cdeadb', '#a3d9bd', '#74c69b', '#4ab37c', '#2f9d66', '#1c8048', '#1a7f45', '#15683a', '#0f5230',
]
// the same; and words in it on white
const red: MantineColorsTuple = [
	'#fdecec', '#fbd8d8', '#f5b5b5', '#ee9090', '#e87474', '#dd5454', '#cc3333', '#bd2626', '#a31d1d', '#861717',
]
const gray: MantineColorsTuple = [
	'#f8f9fb', '#f1f3f6', '#e6e9ee', '#d9dee5', '#c3cad4', '#a0a9b6', '#6b7684', '#4b5563', '#323a46', '#1f2530',
]
const dark: MantineColorsTuple = [
	'#d6dae1', '#b3bac4', '#8d96a3', '#606a78', '#3d4552', '#2c333e', '#22272f', '#191d24', '#13161b', '#0e1014',
]

const theme = createTheme({
	colors: { blue, gray, dark, green, red },
	primaryColor: 'blue',
	primaryShade: { light: 7, dark: 6 },
	defaultRadius: 'md',
	fontFamily: "'Inter Variable', system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif",
	fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', monospace",
	fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
	lineHeights: { xs: '16px', sm: '18px', md: '20px', lg: '24px', xl: '28px' },
	headings: { fontWeight: '600' },
	cursorType: 'pointer',
	respectReducedMotion: true,
	components: {
		Button: Button.extend({ defaultProps: { size: 'sm' }, styles: { root: { fontWeight: 550 } } }),
		InputWrapper: Input.Wrapper.extend({ styles: { label: { marginBottom: 4, fontWeight: 550 } } }),
		// its first item is where a keyboard begins; a placeholder is no child for a menu (WAI-ARIA)
		Menu: Menu.extend({ defaultProps: { shadow: 'md', radius: 'md', withInitialFocusPlaceholder: false } }),
		// the list itself scrolls: a scroller around it is one more thing that no key reaches
		...Object.fromEntries(['Select', 'MultiSelect', 'Autocomplete', 'TagsInput'].map((name) => [name, { defaultProps: { withScrollArea: false }, styles: { options: { maxHeight: 220, overflowY: 'auto' } } }])),
		Popover: Popover.extend({ defaultProps: { shadow: 'md', radius: 'md' } }),
		Tooltip: Tooltip.extend({ defaultProps: { openDelay: 500, withArrow: false } }),
	},
})

/** close: the word on the cross of every dialog, in the language that is shown. */
export const themeOf = (close: string) =>
	mergeThemeOverrides(theme, { components: { Modal: { defaultProps: { closeButtonProps: { 'aria-label': close } } } } }) // by name: dialogs come with their pages
