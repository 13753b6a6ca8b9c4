import type { QueryClient } from '@tanstack/react-query'
import { FOLDERS } from './shapes'

/** How far the scan of a library is, as its events tell. */
export interface ScanStep {
  library: string
  phase: string
  done: number
  total: number | null
}

export const scanKey = (library: string) => [...FOLDERS, 'scan', library] as const

/** Puts what an event tells of a scan where the card of that library looks. */
export function patchScan(cache: QueryClient, body: unknown): void {
  const step = body as ScanStep
  cache.setQueryData<ScanStep>(scanKey(step.library), step)
}

/** The word for what a library is doing, and the colour of its dot. */
export function stateOf(folder: { scanStatus: string; scanError: string | null }): { word: string; level: string } {
  if (folder.scanError) return { word: 'failed', level: 'bad' }
  if (folder.scanStatus === 'queued') return { word: 'queued', level: 'info' }
  return folder.scanStatus === 'scanning' ? { word: 'scanning', level: 'info' } : { word: 'idle', level: 'good' }
}
