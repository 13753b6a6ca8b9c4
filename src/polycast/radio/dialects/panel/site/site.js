// What moves on a station's public page and in its widget. Everything that comes from elsewhere is set as text.
const body = document.body
const api = '/radio/api/v2/'
const { server, slug, stream, color } = body.dataset
const german = document.documentElement.lang === 'de'
const words = german
  ? { play: 'Anhören', stop: 'Anhalten', listener: 'Hörer', listeners: 'Hörer', silent: 'Gerade nicht auf Sendung', ask: 'Wünschen', asked: 'Gewünscht', later: 'Später wieder', none: 'Noch nichts' }
  : { play: 'Listen', stop: 'Stop', listener: 'listener', listeners: 'listeners', silent: 'Not on air at the moment', ask: 'Request', asked: 'Requested', later: 'Again later', none: 'Nothing yet' }
const find = (name) => document.querySelector(`[data-part="${name}"]`)
const get = async (path) => (await fetch(api + path)).json()

if (/^#[0-9a-f]{6}$/i.test(color ?? '')) document.documentElement.style.setProperty('--accent', color)

function row(text, ...rest) {
  const line = document.createElement('li')
  const first = document.createElement('span')
  first.textContent = text
  line.append(first, ...rest)
  return line
}

function dim(text) {
  const found = document.createElement('span')
  found.className = 'dim'
  found.textContent = text
  return found
}

function told(title, text) {
  const line = row(title)
  line.className = 'told'
  line.append(dim(text))
  return line
}

function fill(name, rows) {
  const list = find(name)
  if (list) list.replaceChildren(...(rows.length ? rows : [row(words.none)]))
}

function player() {
  const button = find('play')
  if (!button || !stream) return
  let audio = null
  const show = () => {
    button.textContent = audio ? '■' : '▶'
    button.setAttribute('aria-label', audio ? words.stop : words.play)
    button.setAttribute('aria-pressed', String(audio !== null))
  }
  const stop = () => {
    audio?.pause()
    audio?.removeAttribute('src') // a stream that is only paused would still be counted
    audio?.load()
    audio = null
    show()
  }
  button.addEventListener('click', () => {
    if (audio) return stop()
    audio = new Audio(stream)
    audio.addEventListener('error', stop)
    audio.play().catch(stop)
    show()
  })
  show()
}

function shown(now) {
  find('title').textContent = now.now_playing?.song.text || (now.is_online ? '' : words.silent)
  find('about').textContent = `${now.live.is_live ? `${now.live.streamer_name} · ` : ''}${now.listeners.total} ${now.listeners.total === 1 ? words.listener : words.listeners}`
  fill('history', now.song_history.map((one) => row(one.song.text)))
}

function requests() {
  const field = find('search')
  if (!field) return
  let waiting = 0
  const ask = async (button, id) => {
    button.disabled = true
    const sent = { server_id: Number(server), music_id: id }
    const got = await fetch(`${api}track_requests/`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(sent) })
    button.textContent = got.ok ? words.asked : words.later
  }
  const look = async () => {
    const text = encodeURIComponent(field.value)
    const page = await get(`music/?server=${server}&requestable=true&with_tags_only=true&order=1&limit=10&search_q=${text}`)
    fill('found', page.results.map((one) => {
      const button = document.createElement('button')
      button.textContent = words.ask
      button.addEventListener('click', () => ask(button, one.id))
      return row(one.meta, button)
    }))
  }
  field.addEventListener('input', () => {
    clearTimeout(waiting)
    waiting = setTimeout(look, 250)
  })
  look()
}

async function lists() {
  if (find('top')) {
    const rows = await get(`track_stats/best/?server=${server}`)
    fill('top', rows.slice(0, 10).map((one) => row(one.meta, dim(String(one.plays)))))
  }
  if (find('news')) {
    const rows = await get(`news/?server=${server}`)
    fill('news', rows.slice(-5).reverse().map((one) => told(one.title, one.text.slice(0, 1000))))
  }
  if (find('podcasts')) {
    const rows = await get(`podcasts/?server=${server}`)
    fill('podcasts', rows.map((one) => {
      const link = document.createElement('a')
      link.href = `/radio/public/podcasts/${one.id}/`
      link.textContent = one.title
      const line = row('', dim(String(one.episodes_count)))
      line.firstChild.append(link)
      return line
    }))
  }
}

if (slug) {
  player()
  const events = new EventSource(`${api}nowplaying/${slug}/events/`)
  events.addEventListener('nowplaying', (event) => shown(JSON.parse(event.data)))
  requests()
  lists()
}
