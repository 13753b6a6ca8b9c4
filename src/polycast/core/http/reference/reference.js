// Shows an OpenAPI document: to try it out, or to read it in three panels. Needs nothing but the document.
// Text only ever enters the page as text: a description is somebody else's words.

const root = document.documentElement
const nav = document.getElementById('nav')
const main = document.getElementById('main')
const METHODS = ['get', 'post', 'put', 'patch', 'delete']
const doors = { bearer: '', key: '' } // kept in this page only: gone with a reload

/** An element with attributes (`on...` are listeners) and children. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value)
    else if (value === true) element.setAttribute(name, '')
    else if (value !== false && value != null) element.setAttribute(name, value)
  }
  element.append(...children.filter((child) => child != null))
  return element
}

function pretty(value) {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2)
}

function resolve(api, schema) {
  if (schema?.$ref) return resolve(api, api.components.schemas[schema.$ref.split('/').pop()])
  if (schema?.allOf?.length === 1) return { ...resolve(api, schema.allOf[0]), nullable: schema.nullable }
  return schema ?? {}
}

/** A schema's kind in few words: "string or null, one of a, b". */
function kindOf(api, schema) {
  const name = schema?.$ref?.split('/').pop()
  const found = resolve(api, schema)
  if (found.enum) return `one of ${found.enum.map((word) => JSON.stringify(word)).join(', ')}`
  if ('const' in found) return JSON.stringify(found.const)
  const options = found.anyOf ?? found.oneOf
  let kind = options ? options.map((option) => kindOf(api, option)).join(' or ') : (name ?? [found.type ?? 'any'].flat().join(' or '))
  if (found.type === 'array') kind = `list of ${kindOf(api, found.items)}`
  if (found.format) kind += ` (${found.format})`
  if (found.nullable) kind += ' or null'
  const limits = { minLength: 'at least', maxLength: 'at most', minimum: '≥', maximum: '≤' }
  for (const [word, text] of Object.entries(limits)) if (word in found) kind += `, ${text} ${found[word]}`
  return kind
}

/** The fields of a schema, nested as far as they do not repeat. */
function fields(api, schema, seen = []) {
  let found = resolve(api, schema)
  if (found.type === 'array') found = resolve(api, found.items)
  if (found.anyOf) found = found.anyOf.map((option) => resolve(api, option)).find((option) => option.properties) ?? found
  if (!found.properties || seen.includes(found) || seen.length > 4) return null
  const items = Object.entries(found.properties).map(([name, field]) =>
    make(
      'li', {},
      make('code', {}, name), ' ',
      make('span', { class: 'quiet' }, kindOf(api, field) + (found.required?.includes(name) ? ', required' : '')),
      field.description ? ` ${field.description}` : null,
      fields(api, field, [...seen, found]),
    ),
  )
  return make('ul', { class: 'fields' }, ...items)
}

function described(api, operation) {
  const parts = []
  if (operation.description) parts.push(make('p', {}, operation.description))
  if (operation.parameters?.length) {
    const items = operation.parameters.map((one) =>
      make(
        'li', {},
        make('code', {}, one.name), ' ',
        make('span', { class: 'quiet' }, `${one.in}, ${kindOf(api, one.schema)}${one.required ? ', required' : ''}`),
        one.description ? ` ${one.description}` : null,
      ),
    )
    parts.push(make('h4', {}, 'Parameters'), make('ul', { class: 'fields' }, ...items))
  }
  const [kind, body] = Object.entries(operation.requestBody?.content ?? {})[0] ?? []
  if (body) parts.push(make('h4', {}, `Body: ${kindOf(api, body.schema)} `, make('span', { class: 'quiet' }, kind)), fields(api, body.schema))
  for (const [status, answer] of Object.entries(operation.responses)) {
    const content = Object.values(answer.content ?? {})[0]
    const head = make('h4', {}, `${status} ${answer.description}`)
    if (!content) parts.push(head)
    else parts.push(make('details', {}, make('summary', {}, `${status} ${answer.description}: ${kindOf(api, content.schema)}`), fields(api, content.schema)))
  }
  return make('div', {}, ...parts)
}

function samples(operation) {
  const found = []
  const add = (title, content) => {
    const example = Object.values(content ?? {})[0]?.example
    if (example !== undefined) found.push(make('h4', {}, title), make('pre', { tabindex: '0' }, pretty(example)))
  }
  add('Request', operation.requestBody?.content)
  for (const [status, answer] of Object.entries(operation.responses)) add(`Answer ${status}`, answer.content)
  return make('div', { class: 'samples' }, ...found)
}

/** The inputs of one operation, and what becomes of them. */
function tryOut(path, method, operation) {
  const inputs = (operation.parameters ?? []).map((one) => {
    const input = make('input', { name: one.name, required: one.required })
    return { one, input, label: make('label', {}, `${one.name} (${one.in})`, input) }
  })
  const contents = operation.requestBody?.content ?? {}
  const kind = make('select', { 'aria-label': 'Type of the body' }, ...Object.keys(contents).map((name) => make('option', {}, name)))
  const body = make('textarea', { 'aria-label': 'Body', spellcheck: 'false' })
  const fill = () => { body.value = pretty(contents[kind.value]?.example ?? '') }
  kind.addEventListener('change', fill)
  fill()
  const file = make('input', { type: 'file', 'aria-label': 'File for the field "file"' })
  const answer = make('div', { 'aria-live': 'polite' })
  const hasBody = Object.keys(contents).length > 0
  const send = async (event) => {
    event.preventDefault()
    const request = built(path, method, inputs, hasBody ? { kind: kind.value, text: body.value, file: file.files[0] } : null)
    answer.replaceChildren(make('p', {}, 'Asking…'))
    answer.replaceChildren(...(await asked(request)))
  }
  return make(
    'details', {},
    make('summary', {}, 'Try it out'),
    make(
      'form', { onsubmit: send },
      ...inputs.map((entry) => entry.label),
      hasBody ? make('div', {}, kind, body, 'multipart/form-data' in contents ? file : null) : null,
      make('button', { type: 'submit' }, 'Send'),
    ),
    answer,
  )
}

function built(path, method, inputs, body) {
  let target = path
  const query = new URLSearchParams()
  for (const { one, input } of inputs) {
    if (one.in === 'path') target = target.replace(`{${one.name}}`, encodeURIComponent(input.value))
    else if (input.value !== '') query.append(one.name, input.value)
  }
  const headers = {}
  if (doors.bearer) headers.Authorization = `Bearer ${doors.bearer}`
  if (doors.key) headers['X-API-Key'] = doors.key
  let sent
  if (body?.kind === 'application/x-www-form-urlencoded') sent = new URLSearchParams(JSON.parse(body.text))
  else if (body?.kind === 'multipart/form-data') {
    sent = new FormData()
    const values = JSON.parse(body.text || '{}')
    for (const [name, value] of Object.entries(values)) if (name !== 'file') sent.append(name, value)
    if (body.file) sent.append('file', body.file)
  } else if (body) {
    sent = body.text
    headers['Content-Type'] = body.kind
  }
  return { url: target + (query.size ? `?${query}` : ''), method: method.toUpperCase(), headers, body: sent }
}

async function asked(request) {
  const { url, ...options } = request
  const started = performance.now()
  try {
    const answer = await fetch(url, { ...options, credentials: 'same-origin' })
    const text = await answer.text()
    let shown = text
    try { shown = pretty(JSON.parse(text)) } catch { /* not JSON: shown as it came */ }
    const headers = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join('\n')
    return [
      make('p', {}, `${answer.status} ${answer.statusText} in ${Math.round(performance.now() - started)} ms`),
      make('pre', { tabindex: '0' }, shown.slice(0, 200_000)),
      make('details', {}, make('summary', {}, 'Headers'), make('pre', {}, headers)),
      make('details', {}, make('summary', {}, 'As curl'), make('pre', {}, curl(request))),
    ]
  } catch (error) {
    return [make('p', { role: 'alert' }, `No answer: ${error.message}`)]
  }
}

function curl({ url, method, headers, body }) {
  const quote = (text) => `'${String(text).replaceAll("'", "'\\''")}'`
  const parts = ['curl', '-X', method, quote(new URL(url, location.href))]
  for (const [name, value] of Object.entries(headers)) parts.push('-H', quote(`${name}: ${value}`))
  if (typeof body === 'string' || body instanceof URLSearchParams) parts.push('--data', quote(body))
  return parts.join(' ')
}

function authorize() {
  const door = (name, title) =>
    make('label', {}, title, make('input', { type: 'password', autocomplete: 'off', oninput: (event) => { doors[name] = event.target.value.trim() } }))
  return make('details', {}, make('summary', {}, 'Authorize'), make('div', { class: 'doors' }, door('bearer', 'jwtAuth: Bearer token'), door('key', 'ApiKeyAuth: X-API-Key')))
}

function show(api) {
  const isReading = root.dataset.layout === 'read'
  const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
    METHODS.filter((method) => methods[method]).map((method) => ({ path, method, operation: methods[method] })),
  )
  const byTag = Map.groupBy ? Map.groupBy(operations, (one) => one.operation.tags[0]) : grouped(operations)
  const filter = make('input', { type: 'search', placeholder: 'Find', 'aria-label': 'Find an operation' })
  filter.addEventListener('input', () => {
    const wanted = filter.value.toLowerCase()
    for (const item of nav.querySelectorAll('li')) item.hidden = !item.textContent.toLowerCase().includes(wanted)
  })
  nav.replaceChildren(filter)
  main.replaceChildren(
    make('h1', {}, api.info.title, ' ', make('small', { class: 'quiet' }, api.info.version)),
    make('p', {}, api.info.description ?? '', ' ', make('a', { href: root.dataset.schema }, `OpenAPI ${api.openapi}`)),
  )
  if (!isReading) main.append(authorize())
  for (const [tag, entries] of byTag) {
    nav.append(make('h2', {}, tag), make('ul', {}, ...entries.map(({ path, method, operation }) =>
      make('li', {}, make('a', { href: `#${operation.operationId}`, title: operation.summary }, make('span', { class: `method ${method}` }, method), path)))))
    main.append(make('h2', {}, tag))
    for (const { path, method, operation } of entries) {
      main.append(make(
        'article', { id: operation.operationId },
        make('div', {},
          make('h3', {}, make('span', { class: `method ${method}` }, method), make('code', {}, path), make('span', { class: 'quiet' }, operation.summary)),
          described(api, operation), isReading ? null : tryOut(path, method, operation)),
        samples(operation),
      ))
    }
  }
  main.removeAttribute('aria-busy')
  if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView()
}

function grouped(operations) {
  const found = new Map()
  for (const one of operations) found.set(one.operation.tags[0], [...(found.get(one.operation.tags[0]) ?? []), one])
  return found
}

try {
  const answer = await fetch(root.dataset.schema, { headers: { Accept: 'application/json' } })
  if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`)
  show(await answer.json())
} catch (error) {
  main.replaceChildren(make('p', { role: 'alert' }, `The document could not be read: ${error.message}`))
}
