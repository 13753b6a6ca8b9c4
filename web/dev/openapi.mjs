// Turns the two shape lists beside it into OpenAPI documents, so that pages can be built and tested before a server exists.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

const here = new URL('.', import.meta.url)
const PRIMITIVES = {
  int: { type: 'integer' },
  float: { type: 'number' },
  str: { type: 'string' },
  bool: { type: 'boolean' },
  time: { type: 'string', format: 'date-time' },
  json: {},
}

/** One shape, e.g. `{id: int, note?: str?, kind: "a"|"b"}`, as a JSON schema. */
function shape(text) {
  let at = 0
  const skip = () => {
    while (text[at] === ' ') at++
  }
  const eat = (word) => {
    skip()
    if (!text.startsWith(word, at)) return false
    at += word.length
    return true
  }
  const must = (word) => {
    if (!eat(word)) throw new Error(`expected ${word} at ${at} in ${text}`)
  }
  const name = () => {
    skip()
    const found = /^[A-Za-z_][A-Za-z0-9_]*/.exec(text.slice(at))
    if (!found) throw new Error(`expected a name at ${at} in ${text}`)
    at += found[0].length
    return found[0]
  }
  const words = () => {
    const values = []
    do {
      const end = text.indexOf('"', at)
      values.push(text.slice(at, end))
      at = end + 1
    } while (eat('|') && eat('"'))
    return { type: 'string', enum: values }
  }
  const object = () => {
    const properties = {}
    const required = []
    while (!eat('}')) {
      const key = name()
      if (!eat('?')) required.push(key)
      must(':')
      properties[key] = one()
      eat(',')
    }
    return { type: 'object', properties, required }
  }
  const list = (close) => {
    const all = [one()]
    while (eat(',')) all.push(one())
    must(close)
    return all
  }
  const bare = () => {
    if (eat('{')) return object()
    if (eat('[')) return { type: 'array', items: list(']')[0] }
    if (eat('"')) return words()
    const word = name()
    if (word === 'map') {
      must('<')
      return { type: 'object', additionalProperties: list('>')[0] }
    }
    if (word === 'oneof') {
      must('(')
      return { oneOf: list(')') }
    }
    return PRIMITIVES[word] ?? { $ref: `#/components/schemas/${word}` }
  }
  const one = () => {
    const found = bare()
    return eat('?') ? { anyOf: [found, { type: 'null' }] } : found
  }
  return one()
}

function operation(path, query, body, answer) {
  const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, key]) => ({
    name: key,
    in: 'path',
    required: true,
    schema: key === 'id' || key.endsWith('_id') ? { anyOf: [{ type: 'integer' }, { type: 'string' }] } : { type: 'string' },
  }))
  for (const [, mark, key, type] of query.matchAll(/([?&!])(\w+)=(\w+)/g))
    parameters.push({ name: key, in: 'query', required: mark === '!', schema: PRIMITIVES[type] })
  const success =
    answer === 'none'
      ? { 204: { description: 'done' } }
      : { 200: { description: 'ok', content: { 'application/json': { schema: shape(answer) } } } }
  const problem = { description: 'refused', content: { 'application/json': { schema: {} } } }
  const made = { parameters, responses: { ...success, 400: problem } }
  if (body) made.requestBody = { required: true, content: { 'application/json': { schema: shape(body) } } }
  return made
}

export function document(file) {
  const schemas = {}
  const paths = {}
  for (const raw of readFileSync(new URL(file, here), 'utf8').split('\n')) {
    const line = raw.replace(/(^|\s)#.*$/, '').trim()
    if (!line) continue
    const type = /^type (\w+) = (.*)$/.exec(line)
    if (type) {
      schemas[type[1]] = shape(type[2])
      continue
    }
    const [, method, path, rest, answer] = /^([A-Z]+) (\S+)(.*) -> (.*)$/.exec(line)
    const query = [...rest.matchAll(/(?:^|\s)([?&!]\w+=\w+)/g)].map((found) => found[1]).join(' ')
    const body = rest.replace(/[?&!]\w+=\w+/g, '').trim()
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation(path, query, body, answer) }
  }
  return { openapi: '3.1.0', info: { title: file, version: '0' }, paths, components: { schemas } }
}

/** The documents that the server has written already; their paths win over the list beside this file. */
function written() {
  const folder = new URL('../../src/polycast/front/openapi/', here)
  if (!existsSync(folder)) return {}
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'))
  return Object.fromEntries(files.map((name) => [name, JSON.parse(readFileSync(new URL(name, folder), 'utf8'))]))
}

/** One spelling of a path, whatever its parameters are called: "/users/{id}" and "/users/{user_id}" are the same. */
const plain = (path) => path.replaceAll(/\{[^}]*\}/g, '{}')

if (process.argv[1]?.endsWith('openapi.mjs')) {
  const out = new URL('openapi/', here)
  rmSync(out, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  const real = written()
  const known = new Set(Object.values(real).flatMap((one) => Object.keys(one.paths).map(plain)))
  for (const [name, one] of Object.entries(real)) writeFileSync(new URL(name, out), JSON.stringify(one))
  for (const name of ['v1', 'live']) {
    const made = document(`${name}.txt`)
    made.paths = Object.fromEntries(Object.entries(made.paths).filter(([path]) => !known.has(plain(path))))
    writeFileSync(new URL(`dev-${name}.json`, out), JSON.stringify(made))
  }
}
