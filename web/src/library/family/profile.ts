import type { Sent } from '~/api/shapes'
import type { Profile } from '../shapes'

export type NewProfile = Sent<'/v1/parental-controls/profiles', 'post'>

/** What the form of a profile holds, as typed. */
export interface Draft {
  name: string
  maxAge: string // "" for no limit
  blockUnrated: boolean
  kidsUi: boolean
  libraries: string[] // none: all of them
  minutes: string
  from: string // "20:00", "" for no bedtime
  to: string
  pin: string // of a new profile
}

export const AGES = ['', '0', '6', '8', '10', '12', '14', '16', '18'] as const

export function draftOf(profile?: Profile): Draft {
  return {
    name: profile?.name ?? '',
    maxAge: profile?.maxAge == null ? '' : String(profile.maxAge),
    blockUnrated: profile?.blockUnrated ?? false,
    kidsUi: profile?.kidsUi ?? false,
    libraries: profile?.allowedLibraryIds ?? [],
    minutes: profile?.dailyLimitMinutes == null ? '' : String(profile.dailyLimitMinutes),
    from: typeof profile?.bedtime?.from === 'string' ? profile.bedtime.from : '',
    to: typeof profile?.bedtime?.to === 'string' ? profile.bedtime.to : '',
    pin: '',
  }
}

/** What is sent; the PIN goes its own way when the profile is there already. */
export function bodyOf(draft: Draft): Omit<NewProfile, 'pin'> {
  return {
    name: draft.name.trim(),
    maxAge: draft.maxAge === '' ? null : Number(draft.maxAge),
    blockUnrated: draft.blockUnrated,
    kidsUi: draft.kidsUi,
    allowedLibraryIds: draft.libraries.length > 0 ? draft.libraries : null,
    dailyLimitMinutes: draft.minutes === '' ? null : Number(draft.minutes),
    bedtime: draft.from && draft.to ? { from: draft.from, to: draft.to } : null,
  }
}
