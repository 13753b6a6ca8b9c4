// Compares the built bundle with the budgets of specs/web.md 4; a file over its budget fails the build.
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'

const KB = 1000
const ENTRY_JS = 230 * KB
const ENTRY_CSS = 45 * KB
const LAZY = 200 * KB

const out = resolve(import.meta.dirname, '../../src/polycast/front/ui')
const html = readFileSync(join(out, 'index.html'), 'utf8')
const weigh = (file) => gzipSync(readFileSync(join(out, file))).length
const entry = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map(([, file]) => file)
const sum = (ending) => entry.filter((file) => file.endsWith(ending)).reduce((total, file) => total + weigh(file), 0)
const report = [
  ['entry JS', sum('.js'), ENTRY_JS],
  ['entry CSS', sum('.css'), ENTRY_CSS],
]
for (const name of readdirSync(join(out, 'assets'))) {
  const file = `assets/${name}`
  if (/\.(js|css)$/.test(name) && !entry.includes(file)) report.push([name, weigh(file), LAZY])
}
let failed = false
for (const [name, bytes, limit] of report.sort((a, b) => b[1] - a[1]).slice(0, 14)) {
  const over = bytes > limit
  failed ||= over
  console.log(`${over ? 'OVER ' : '     '}${String(Math.round(bytes / 100) / 10).padStart(7)} kB of ${limit / KB}  ${name}`)
}
if (/<script(?![^>]*\bsrc=)/.test(html)) {
  console.log('OVER  index.html has an inline script')
  failed = true
}
process.exit(failed ? 1 : 0)
