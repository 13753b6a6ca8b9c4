// A server that is not there yet: serves the built pages and answers the shapes of v1.txt and live.txt from a made-up world.
// For looking at pages only; nothing of it reaches the bundle. `node dev/server.mjs [port] [--rows=10000] [--empty] [--first-run]`.
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, resolve } from 'node:path'
import { createWorld } from './world.mjs'

const flags = process.argv.slice(2)
const port = Number(flags.find((one) => /^\d+$/.test(one)) ?? 8123)
const rows = Number(flags.find((one) => one.startsWith('--rows='))?.slice(7) ?? 2000)
const world = createWorld({ rows, empty: flags.includes('--empty'), firstRun: flags.includes('--first-run') })
const ui = resolve(import.meta.dirname, '../../src/polycast/front/ui')
const TYPES = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
}
const CSP = (nonce) =>
  `default-src 'self'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'`

const streams = new Set()
world.tell = (name, body, id) => {
  for (const response of streams) response.write(`${id ? `id: ${id}\n` : ''}event: ${name}\ndata: ${JSON.stringify(body)}\n\n`)
}
setInterval(() => world.tick(), 1000)
setInterval(() => {
  for (const response of streams) response.write(': beat\n\n')
}, 15_000)

const json = (response, status, body) => {
  response.writeHead(status, {
    'Content-Type': status < 400 ? 'application/json' : 'application/problem+json',
    'X-Request-Id': 'dev-1',
  })
  response.end(status === 204 ? undefined : JSON.stringify(body))
}

async function answer(request, response, url) {
  let text = ''
  for await (const chunk of request) text += chunk
  if (url.pathname === '/polycast/v1/events') {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
    response.write('event: hello\ndata: {"version":"dev","boot":"1"}\n\n')
    streams.add(response)
    request.on('close', () => streams.delete(response))
    return
  }
  const [status, body] = world.answer(request.method, url, text ? JSON.parse(text) : {})
  json(response, status, body)
}

const sample = flags.find((one) => one.startsWith('--ts='))?.slice(5) // an MPEG-TS of 60 s, sent at about its own pace

function stream(request, response) {
  if (!sample) return json(response, 503, { error: 'Start with --ts=file.' })
  const bytes = readFileSync(sample)
  response.writeHead(200, { 'Content-Type': 'video/mp2t', 'Cache-Control': 'no-store' })
  let at = Math.floor(bytes.length / 60 / 188) * 188 * 3
  response.write(bytes.subarray(0, at))
  const timer = setInterval(() => {
    const next = Math.min(bytes.length, at + Math.ceil(bytes.length / 600 / 188) * 188)
    response.write(bytes.subarray(at, next))
    at = next
    if (at === bytes.length) response.end()
  }, 100)
  request.on('close', () => clearInterval(timer))
}

createServer((request, response) => {
  const url = new URL(request.url, 'http://localhost')
  if (url.pathname.startsWith('/polycast/') || url.pathname.startsWith('/api/')) return void answer(request, response, url)
  if (url.pathname.startsWith('/proxy/ts/')) return stream(request, response)
  const file = join(ui, url.pathname)
  if (url.pathname !== '/' && file.startsWith(ui) && existsSync(file)) {
    response.writeHead(200, { 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream' })
    return response.end(readFileSync(file))
  }
  if (url.pathname !== '/' && !url.pathname.startsWith('/app')) return json(response, 404, { detail: 'Nothing here.' })
  const nonce = Math.random().toString(36).slice(2)
  response.writeHead(200, {
    'Content-Type': 'text/html; charset=utf-8',
    'Cache-Control': 'no-store',
    'Content-Security-Policy': CSP(nonce),
  })
  response.end(readFileSync(join(ui, 'index.html'), 'utf8').replaceAll('{{nonce}}', nonce))
}).listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}`))
