import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core'
import { createStore } from './store'

const GREY: MantineColorsTuple = [
  '#e9ebef',
  '#c9cdd5',
  '#a4abb8',
  '#7f8897',
  '#3a404b',
  '#2a2f38',
  '#1c2027',
  '#14171c',
  '#0c0e11',
  '#08090b',
]

export const ACCENTS = ['violet', 'blue', 'teal', 'green', 'orange', 'pink'] as const
export type Accent = (typeof ACCENTS)[number]

const KEPT = 'polycast.accent'
const kept = (): Accent => ACCENTS.find((one) => one === localStorage.getItem(KEPT)) ?? 'violet'

export const accent = createStore<Accent>(kept())
accent.subscribe(() => localStorage.setItem(KEPT, accent.get()))

export const themeOf = (primaryColor: Accent) =>
  createTheme({
    primaryColor,
    primaryShade: { light: 8, dark: 8 },
    autoContrast: true,
    luminanceThreshold: 0.35,
    colors: { dark: GREY },
    fontFamily: "'Inter Variable', system-ui, sans-serif",
    fontFamilyMonospace: "ui-monospace, 'Cascadia Mono', 'DejaVu Sans Mono', monospace",
    defaultRadius: 'md',
    cursorType: 'pointer',
    respectReducedMotion: true,
    fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.9375rem', lg: '1.125rem', xl: '1.375rem' },
    headings: {
      fontWeight: '620',
      sizes: { h1: { fontSize: '1.375rem' }, h2: { fontSize: '1.0625rem' }, h3: { fontSize: '0.9375rem' } },
    },
    components: {
      Badge: { defaultProps: { tt: 'none', fw: 560 } },
      Tooltip: { defaultProps: { openDelay: 300, transitionProps: { duration: 100 } } },
      Modal: { defaultProps: { centered: true, transitionProps: { duration: 120 } } },
      Menu: { defaultProps: { transitionProps: { duration: 100 }, shadow: 'md' } },
      Table: { defaultProps: { verticalSpacing: 'xs' } },
    },
  })

/** The canvas, two raised greys and the status colours, as variables of our own; every contrast is at least 4.5:1. */
export const variables: CSSVariablesResolver = (theme) => ({
  variables: { '--pc-rail': '15rem', '--pc-rail-folded': '4rem', '--pc-top': '3.5rem' },
  dark: {
    '--mantine-color-body': GREY[8],
    '--mantine-color-dimmed': '#9aa3b2',
    '--mantine-color-disabled-color': '#8b94a4',
    '--mantine-color-placeholder': '#8b94a4',
    '--mantine-color-default-border': GREY[5],
    '--mantine-color-anchor': `var(--mantine-color-${theme.primaryColor}-3)`,
    '--pc-raised': GREY[7],
    '--pc-raised-2': GREY[6],
    '--pc-line': '#242932',
    '--pc-text-2': '#b4bbc7',
    '--pc-accent': `var(--mantine-color-${theme.primaryColor}-4)`,
    '--pc-accent-soft': `color-mix(in srgb, var(--mantine-color-${theme.primaryColor}-6) 22%, ${GREY[7]})`,
    '--pc-good': '#4ade80',
    '--pc-warning': '#fbbf24',
    '--pc-bad': '#ff8080',
    '--pc-info': '#7cc4ff',
  },
  light: {
    '--mantine-color-body': '#f6f7f9',
    '--mantine-color-dimmed': '#5b6472',
    '--mantine-color-disabled-color': '#69717f',
    '--mantine-color-placeholder': '#69717f',
    '--mantine-color-anchor': `var(--mantine-color-${theme.primaryColor}-9)`,
    '--pc-raised': '#ffffff',
    '--pc-raised-2': '#eceef2',
    '--pc-line': '#dfe3e9',
    '--pc-text-2': '#414a58',
    '--pc-accent': `var(--mantine-color-${theme.primaryColor}-8)`,
    '--pc-accent-soft': `color-mix(in srgb, var(--mantine-color-${theme.primaryColor}-4) 18%, white)`,
    '--pc-good': '#15803d',
    '--pc-warning': '#8f5a00',
    '--pc-bad': '#c02626',
    '--pc-info': '#0b63a8',
  },
})
