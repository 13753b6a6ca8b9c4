// The made-up world behind dev/server.mjs: a line-up, a guide computed from the time, a few jobs and sessions.
const GROUPS = ['News', 'Sport', 'Documentary', 'Films', 'Kids', 'Music', 'Regional', 'Shopping'].map((name, index) => ({
  id: index + 1,
  name,
}))
const WORDS = ['Aurora', 'Meridian', 'Harbour', 'Summit', 'Canal', 'Orion', 'Prisma', 'Lumen', 'Delta', 'Vista', 'Nova', 'Echo']
const SHOWS = [
  'Morning Report',
  'The Long Road',
  'Tide Lines',
  'City at Night',
  'Kitchen Stories',
  'Match of the Week',
  'Wild Coast',
  'The Archive',
  'Late Talk',
  'Small Hours',
  'Quiz Hour',
  'Northern Lights',
]
const iso = (at) => new Date(at).toISOString().replace(/\.\d+Z/, 'Z')
const NOW = Date.now()

export function createWorld({ rows, empty, firstRun }) {
  const channels = Array.from({ length: empty ? 0 : rows }, (_, index) => ({
    id: index + 1,
    uuid: `00000000-0000-4000-8000-${String(index + 1).padStart(12, '0')}`,
    number: String(index + 1),
    name: `${WORDS[index % 12]} ${GROUPS[(index * 7) % 8].name}${index > 11 ? ` ${Math.floor(index / 12) + 1}` : ''}`,
    group: GROUPS[(index * 7) % 8],
    logo_id: null,
    logo_url: null,
    guide:
      index % 9 === 4
        ? null
        : { id: index + 1, name: `${WORDS[index % 12]} ${GROUPS[(index * 7) % 8].name}`, source: 'XMLTV home' },
    tvg_id: `ch${index + 1}.example`,
    streams: 1 + (index % 3),
    enabled: index % 17 !== 5,
    is_adult: false,
    auto_created: index % 2 === 0,
    overridden: [],
    catchup_days: index % 5 === 0 ? 7 : 0,
    problem: index % 31 === 9 ? 'Its last stream has been gone for 8 days.' : null,
  }))
  let order = channels.map((one) => one.id)
  let session = firstRun
    ? null
    : {
        id: 1,
        username: 'anna',
        email: 'anna@example.org',
        first_name: 'Anna',
        last_name: '',
        role: 'owner',
        scopes: ['core:read', 'core:write', 'core:admin', 'live:play', 'live:read', 'live:write', 'live:admin'],
      }
  let isFirst = firstRun
  let expired = false
  const byId = (id) => channels[id - 1]
  const server = () => ({
    name: 'Polycast',
    version: '0.1.0',
    now: iso(Date.now()),
    time_zone: 'Europe/Berlin',
    modules: ['live'],
  })
  const job = {
    id: 7,
    name: 'live.refresh_account',
    title: 'Refresh the playlist “Home line-up”',
    state: 'running',
    done: 42_000,
    total: 120_000,
    note: 'reading entries',
    error: null,
    due_at: iso(NOW - 40_000),
    started_at: iso(NOW - 30_000),
    ended_at: null,
    attempt: 1,
    attempts: 5,
    by: 'anna',
    key: '3',
  }
  const jobs = empty
    ? []
    : [
        job,
        { ...job, id: 6, title: 'Refresh the guide “XMLTV home”', state: 'done', ended_at: iso(NOW - 400_000) },
        {
          ...job,
          id: 5,
          title: 'Refresh the playlist “Backup”',
          state: 'failed',
          error: 'The provider answered 403: your subscription has ended.',
          ended_at: iso(NOW - 4_000_000),
        },
      ]
  const sources = empty
    ? []
    : [
        {
          ref: 'm3u:3',
          kind: 'playlist',
          id: 3,
          name: 'Home line-up',
          address: 'lists.example.org',
          is_active: true,
          locked: false,
          status: 'parsing',
          message: '',
          updated_at: iso(NOW - 86_000_000),
          next_at: null,
          job,
          streams: 120_432,
          channels: 0,
          groups: 212,
          groups_enabled: 34,
          programmes: 0,
          max_streams: 0,
          used_streams: 0,
          expires_at: null,
          refresh_hours: 24,
        },
        {
          ref: 'm3u:4',
          kind: 'xtream',
          id: 4,
          name: 'Backup',
          address: 'tv.example.net',
          is_active: true,
          locked: false,
          status: 'error',
          message: 'The provider answered 403: your subscription has ended. Renew it there, then refresh.',
          updated_at: iso(NOW - 4_000_000),
          next_at: null,
          job: null,
          streams: 8_211,
          channels: 0,
          groups: 60,
          groups_enabled: 12,
          programmes: 0,
          max_streams: 3,
          used_streams: 1,
          expires_at: iso(NOW - 86_400_000),
          refresh_hours: 12,
        },
        {
          ref: 'epg:1',
          kind: 'guide',
          id: 1,
          name: 'XMLTV home',
          address: 'guide.example.org',
          is_active: true,
          locked: false,
          status: 'success',
          message: '359,412 programmes for 1,204 channels in 5.2 s',
          updated_at: iso(NOW - 400_000),
          next_at: null,
          job: null,
          streams: 0,
          channels: 1204,
          groups: 0,
          groups_enabled: 0,
          programmes: 359_412,
          max_streams: 0,
          used_streams: 0,
          expires_at: null,
          refresh_hours: 12,
        },
      ]
  const named = (id, name) => ({ id, name })
  const sessions = empty
    ? []
    : [1, 2, 5].map((id, index) => ({
        uuid: byId(id).uuid,
        channel_id: id,
        number: byId(id).number,
        name: byId(id).name,
        logo_url: null,
        state: index === 2 ? 'switching' : 'playing',
        message: index === 2 ? 'The first stream stood still for 4 s; trying “Canal Documentary HD”.' : '',
        stream: named(id, `${byId(id).name} HD`),
        source: 'Home line-up',
        streams: [named(id, `${byId(id).name} HD`), named(id + 1000, `${byId(id).name} SD`)],
        started_at: iso(NOW - 1_800_000 * (index + 1)),
        rate_bps: 6_200_000,
        received_bytes: 1_400_000_000,
        switches: index,
        video: '1920×1080, H.264, 50 fps',
        audio: 'AAC stereo',
        clients: Array.from({ length: 2 - (index % 2) }, (_, at) => ({
          id: `client_${id}_${at}`,
          user: at ? 'tom' : 'anna',
          address: `192.168.1.${20 + at}`,
          agent: at ? 'TiviMate/5.1' : 'Mozilla/5.0 Firefox',
          connected_at: iso(NOW - 900_000),
          sent_bytes: 700_000_000,
          rate_bps: 6_100_000,
          behind_ms: 0,
        })),
      }))
  const programmes = (id, start, end) => {
    const found = []
    const length = 1800 + (id % 4) * 900
    for (let at = Math.floor(start / length) * length; at < end; at += length) {
      const n = Math.floor(at / length) + id
      found.push({
        id: `${id}-${at}`,
        title: SHOWS[n % 12],
        sub_title: n % 3 ? '' : `Part ${n % 20}`,
        start: at,
        end: at + length,
        category: 'Series',
        season: null,
        episode: null,
        is_new: n % 7 === 0,
        is_live: n % 13 === 0,
        can_replay: id % 5 === 1 && at < Date.now() / 1000,
        recording: n % 29 === 0 ? 'scheduled' : '',
        reminder: false,
      })
    }
    return found
  }
  const filtered = (query) =>
    order
      .map(byId)
      .filter(
        (one) =>
          (!query.get('search') || one.name.toLowerCase().includes(query.get('search').toLowerCase())) &&
          (!query.get('group') || one.group.id === Number(query.get('group'))),
      )
  const field = (key, label, kind, value, more = {}) => ({
    key,
    label,
    help: 'What it is good for, in one sentence.',
    kind,
    unit: '',
    default: value,
    value,
    changed: false,
    restart: false,
    secret: false,
    locked: false,
    locked_by: '',
    choices: [],
    min: null,
    max: null,
    ...more,
  })
  const settings = {
    restart_needed: false,
    sections: [
      {
        name: 'core',
        title: 'Server',
        module: 'core',
        fields: [
          field('core.public_url', 'Public address', 'text', '', { help: 'The address in mails and webhooks.' }),
          field('core.port', 'Port', 'int', 8000, { restart: true, locked: true, locked_by: 'environment' }),
          field('core.log_level', 'Log level', 'choice', 'info', {
            choices: [
              { value: 'info', label: 'Info' },
              { value: 'debug', label: 'Debug' },
            ],
          }),
        ],
      },
      {
        name: 'live',
        title: 'Live TV',
        module: 'live',
        fields: [
          field('live.proxy.connect_timeout', 'Connection time-out', 'duration', 10, {
            unit: 's',
            value: 12,
            changed: true,
            help: 'How long a source may take until the next one is tried.',
          }),
          field('live.catchup', 'Catch-up', 'bool', true),
          field('live.prefixes', 'Prefixes to ignore', 'list', ['UK:', 'US:']),
          field('live.token', 'Provider token', 'secret', '***', { secret: true }),
        ],
      },
    ],
  }
  const play = (id) => ({
    channel_id: id,
    uuid: byId(id).uuid,
    number: byId(id).number,
    name: byId(id).name,
    logo_url: null,
    ways: [
      { kind: 'ts', url: `/proxy/ts/stream/${byId(id).uuid}`, label: 'Original' },
      { kind: 'hls', url: `/proxy/hls/${byId(id).uuid}/index.m3u8`, label: 'Compatible' },
    ],
    streams: [],
    now: programmes(id, Date.now() / 1000, Date.now() / 1000 + 1)[0],
    next: null,
    above_id: id > 1 ? id - 1 : null,
    below_id: id < rows ? id + 1 : null,
  })
  const activity = [
    'The guide “XMLTV home” was refreshed: 359,412 programmes.',
    'Canal Documentary switched to its second stream after 4 s without a picture.',
    'tom signed in from 192.168.1.21.',
    'The playlist “Backup” could not be refreshed: 403.',
  ].map((text, index) => ({
    id: 100 - index,
    at: iso(NOW - index * 900_000),
    name: 'live.x',
    module: 'live',
    level: ['good', 'warning', 'info', 'bad'][index],
    text,
    ref: null,
    url: null,
    by: index === 2 ? 'tom' : null,
  }))
  const steps = { source: 'open', guide: 'open', watch: 'open' }
  const firstRunNow = () => ({
    needed: Boolean(isFirst),
    code_required: false,
    steps: Object.entries(steps).map(([name, state]) => ({ name, state })),
  })
  const measures = { at: [], cpu: [], memory_bytes: [], sent_bps: [], memory_total_bytes: 8e9 }
  for (let at = 0; at < 700; at++) {
    measures.at.push(Math.floor(NOW / 1000) - 3500 + at * 5)
    measures.cpu.push(0.12 + 0.08 * Math.sin(at / 30) + 0.04 * Math.random())
    measures.memory_bytes.push(170e6 + 8e6 * Math.sin(at / 90))
    measures.sent_bps.push(18e6 + 4e6 * Math.sin(at / 20))
  }
  const page = (items) => ({ items, next: null })
  const routes = [
    ['GET', /session$/, () => ({ user: expired ? null : session, first_run: Boolean(isFirst), server: server(), event: 0 })],
    [
      'POST',
      /v1\/session$/,
      (_, body) => {
        if (body.password === 'wrong') return [401, { code: 'not_signed_in', title: '', detail: '' }]
        expired = false
        session ??= {
          id: 1,
          username: 'anna',
          email: null,
          first_name: '',
          last_name: '',
          role: 'owner',
          scopes: ['core:read', 'core:write', 'core:admin', 'live:play', 'live:read', 'live:write'],
        }
        return { user: session, first_run: false, server: server(), event: 0 }
      },
    ],
    ['GET', /first-run$/, firstRunNow],
    [
      'POST',
      /first-run\/owner$/,
      (_, body) => {
        isFirst = false
        session = {
          id: 1,
          username: body.username,
          email: null,
          first_name: '',
          last_name: '',
          role: 'owner',
          scopes: ['core:read', 'core:write', 'core:admin', 'live:play', 'live:read', 'live:write'],
        }
        return { user: session, first_run: false, server: server(), event: 0 }
      },
    ],
    [
      'POST',
      /first-run\/steps\/(\w+)$/,
      (url, body) => {
        steps[url.pathname.split('/').pop()] = body.state
        return firstRunNow()
      },
    ],
    [
      'GET',
      /me\/sessions$/,
      () =>
        page([
          {
            id: 1,
            kind: 'session',
            device: 'Firefox on Linux',
            address: '192.168.1.10',
            created_at: iso(NOW - 9e8),
            last_seen_at: iso(NOW),
            ends_at: iso(NOW + 9e8),
            is_current: true,
          },
          {
            id: 2,
            kind: 'session',
            device: 'Safari on iPhone',
            address: '192.168.1.33',
            created_at: iso(NOW - 9e8),
            last_seen_at: iso(NOW - 9e6),
            ends_at: iso(NOW + 9e8),
            is_current: false,
          },
        ]),
    ],
    [
      'GET',
      /me\/keys$/,
      () =>
        page([
          {
            id: 1,
            name: 'Home Assistant',
            prefix: 'pc_4f2a',
            scopes: ['live:read'],
            created_at: iso(NOW - 9e8),
            last_used_at: iso(NOW - 6e4),
            ends_at: null,
          },
        ]),
    ],
    ['GET', /me\/devices$/, () => page([])],
    [
      'POST',
      /me\/(devices|keys)$/,
      (_, body) => ({
        device: { id: 9, name: body.name, username: 'anna', scopes: [], created_at: iso(NOW), last_used_at: null, ends_at: null },
        key: { id: 9, name: body.name, prefix: 'pc_1', scopes: [], created_at: iso(NOW), last_used_at: null, ends_at: null },
        secret: 'tulip-harbour-9-meadow',
      }),
    ],
    [
      'GET',
      /v1\/users$/,
      () =>
        page(
          ['anna', 'tom', 'kids'].map((username, index) => ({
            id: index + 1,
            username,
            email: null,
            first_name: '',
            last_name: '',
            role: ['owner', 'member', 'guest'][index],
            is_active: index < 2,
            created_at: iso(NOW),
            last_seen_at: iso(NOW - index * 9e7),
            stream_limit: 0,
          })),
        ),
    ],
    [
      'GET',
      /v1\/roles$/,
      () => ({
        items: ['owner', 'admin', 'member', 'guest'].map((name) => ({
          name,
          title: name,
          about: 'May watch and read.',
          scopes: [],
          assignable: name !== 'owner',
        })),
      }),
    ],
    ['GET', /v1\/settings$/, () => settings],
    [
      'PATCH',
      /v1\/settings$/,
      (_, body) => {
        if (body.values?.['core.public_url'] === 'bad')
          return [
            400,
            {
              code: 'invalid',
              title: '',
              detail: 'Not saved.',
              problems: [{ path: 'core.public_url', code: 'url', text: 'This is no address.' }],
            },
          ]
        return settings
      },
    ],
    ['GET', /v1\/jobs$/, () => page(jobs)],
    [
      'POST',
      /v1\/jobs\/\d+\/cancel$/,
      () => {
        job.state = 'cancelled'
        return job
      },
    ],
    ['GET', /v1\/activity$/, () => page(empty ? [] : activity)],
    [
      'GET',
      /v1\/notifications$/,
      () => ({
        ...page(
          empty
            ? []
            : [
                {
                  id: 1,
                  at: iso(NOW - 9e5),
                  level: 'warning',
                  title: 'Backup has ended',
                  text: 'Its subscription ended yesterday.',
                  url: '/live/sources',
                  is_read: false,
                },
              ],
        ),
        unread: empty ? 0 : 1,
      }),
    ],
    [
      'GET',
      /v1\/search$/,
      (url) => ({
        items: channels
          .filter((one) => one.name.toLowerCase().includes(url.searchParams.get('q').toLowerCase()))
          .slice(0, 8)
          .map((one) => ({
            ref: `live.channel:${one.id}`,
            kind: 'channel',
            title: one.name,
            subtitle: `Channel ${one.number}`,
            image_url: null,
            url: `/live/channels?q=${encodeURIComponent(one.name)}`,
          })),
      }),
    ],
    [
      'GET',
      /v1\/home$/,
      () => ({
        on_now: channels.slice(0, 9).map((one) => ({
          channel_id: one.id,
          channel_uuid: one.uuid,
          number: one.number,
          name: one.name,
          logo_url: null,
          ...(({ title, sub_title, start, end }) => ({ title, sub_title, start, end }))(
            programmes(one.id, Date.now() / 1000, Date.now() / 1000 + 1)[0],
          ),
        })),
        health: [
          { name: 'Sources', state: 'degraded', text: '“Backup” fails since yesterday' },
          { name: 'Database', state: 'ok', text: '41 MB' },
          { name: 'Jobs', state: 'ok', text: '1 running' },
        ],
        disks: [{ path: '/data', used_bytes: 412e9, total_bytes: 1e12 }],
        counts: {},
      }),
    ],
    ['GET', /home\/measures$/, () => measures],
    ['GET', /live\/channels\/ids$/, (url) => ({ ids: filtered(url.searchParams).map((one) => one.id) })],
    [
      'GET',
      /live\/channels$/,
      (url) => {
        const all = filtered(url.searchParams)
        const at = Number(url.searchParams.get('offset') ?? 0)
        return { total: all.length, items: all.slice(at, at + Number(url.searchParams.get('limit') ?? 50)) }
      },
    ],
    [
      'PATCH',
      /live\/channels\/\d+$/,
      (url, body) => {
        const one = byId(Number(url.pathname.split('/').pop()))
        if (body.name === '')
          return [
            400,
            {
              code: 'invalid',
              title: '',
              detail: '',
              problems: [{ path: 'name', code: 'blank', text: 'A channel needs a name.' }],
            },
          ]
        return Object.assign(one, body)
      },
    ],
    [
      'POST',
      /live\/channels\/move$/,
      (_, body) => {
        const ids = new Set(body.ids)
        const numbers = order.map((id) => byId(id).number)
        const rest = order.filter((id) => !ids.has(id))
        const at = body.number ? Number(body.number) - 1 : rest.indexOf(body.after_id) + 1
        order = [...rest.slice(0, at), ...body.ids, ...rest.slice(at)]
        order.forEach((id, index) => {
          byId(id).number = numbers[index]
        })
        return { undo: 'u1', count: body.ids.length, first: [], refused: 0 }
      },
    ],
    [
      'POST',
      /live\/channels\/bulk$/,
      (_, body) => ({
        undo: 'u2',
        count: body.ids.length,
        refused: 0,
        first: body.ids.slice(0, 5).map((id) => ({
          id,
          name: byId(id).name,
          field: 'name',
          before: byId(id).name,
          after: body.find ? byId(id).name.replace(new RegExp(body.find), body.replace ?? '') : byId(id).name,
          refused: null,
        })),
      }),
    ],
    ['POST', /live\/undo\//, () => ({ count: 1, text: 'Taken back.' })],
    ['GET', /live\/guide\/search$/, () => ({ items: [] })],
    [
      'GET',
      /live\/guide\/programmes\/[^/]+$/,
      (url) => {
        const [id, start] = url.pathname.split('/').pop().split('-').map(Number)
        const one = programmes(id, start, start + 1)[0]
        return {
          ...one,
          channel_id: id,
          channel_uuid: byId(id).uuid,
          channel_name: byId(id).name,
          description:
            'A quiet hour along the coast, with the people who keep its lights burning. Tonight: the last keeper of the northern rock, and a storm nobody saw coming.',
          categories: ['Documentary', 'Nature'],
          people: ['Mara Holt'],
          rating: '6',
          year: '2025',
          poster_url: null,
          recording_id: null,
        }
      },
    ],
    [
      'GET',
      /live\/guide$/,
      (url) => {
        const all = filtered(url.searchParams)
        const get = (key) => Number(url.searchParams.get(key))
        return {
          total: all.length,
          rows: all.slice(get('offset'), get('offset') + get('limit')).map((one) => ({
            channel_id: one.id,
            uuid: one.uuid,
            number: one.number,
            name: one.name,
            logo_url: null,
            programmes: programmes(one.id, get('start'), get('end')),
          })),
        }
      },
    ],
    ['GET', /live\/play\/by-number\/(\d+)$/, (url) => play(Number(url.pathname.split('/').pop()))],
    ['GET', /live\/play\/\d+$/, (url) => play(Number(url.pathname.split('/').pop()))],
    ['GET', /live\/sources$/, () => page(sources)],
    [
      'POST',
      /live\/sources\/test$/,
      () => ({
        ok: true,
        text: 'The list answers.',
        streams: 12_000,
        groups: 40,
        channels: null,
        programmes: null,
        max_streams: null,
        expires_at: null,
      }),
    ],
    [
      'GET',
      /live\/sources\/[^/]+\/groups$/,
      () => ({
        total: 8,
        items: GROUPS.map((one) => ({
          group_id: one.id,
          name: one.name,
          streams: one.id * 120,
          enabled: one.id % 2 === 0,
          auto_sync: one.id === 2,
          start: null,
          end: null,
          is_stale: one.id === 7,
        })),
      }),
    ],
    [
      'GET',
      /live\/sources\/[^/]+\/history$/,
      () =>
        page([
          {
            id: 1,
            started_at: iso(NOW - 9e7),
            ended_at: iso(NOW - 9e7 + 2400),
            ok: true,
            text: 'Read in 2.4 s',
            added: 120,
            changed: 3,
            removed: 14,
          },
        ]),
    ],
    [
      'POST',
      /filters\/preview$/,
      (_, body) => ({
        kept: 100,
        dropped: body.filters.length * 12,
        samples: channels.slice(0, 6).map((one, at) => ({ name: one.name, group: one.group.name, kept: at % 3 > 0, by: 0 })),
        problems: [],
      }),
    ],
    [
      'GET',
      /live\/match$/,
      () => ({
        total: empty ? 0 : 3,
        certain: empty ? 0 : 2,
        ...page(
          channels.slice(0, 3).map((one, at) => ({
            channel_id: one.id,
            number: one.number,
            name: one.name,
            current: null,
            best: {
              guide_id: at + 1,
              name: `${one.name} HD`,
              tvg_id: one.tvg_id,
              source: 'XMLTV home',
              icon_url: null,
              score: [0.98, 0.93, 0.71][at],
              reasons: ['same id', 'same country'],
            },
            others: [],
          })),
        ),
      }),
    ],
    ['POST', /live\/match$/, () => job],
    [
      'GET',
      /live\/outputs$/,
      () => ({
        origin: 'http://192.168.1.5:8000',
        username: 'anna',
        reachable: false,
        warning: 'The server listens only on this machine (127.0.0.1). Start it with HOST=0.0.0.0 to open it to your network.',
        items: [
          {
            kind: 'm3u',
            title: 'Playlist (M3U)',
            about: 'For VLC, Kodi, Jellyfin.',
            url: 'http://192.168.1.5:8000/get.php?username=anna&password={password}&type=m3u_plus',
            needs_password: true,
          },
          {
            kind: 'xmltv',
            title: 'Guide (XMLTV)',
            about: 'The programme for the same channels.',
            url: 'http://192.168.1.5:8000/xmltv.php?username=anna&password={password}',
            needs_password: true,
          },
          {
            kind: 'hdhr',
            title: 'HDHomeRun',
            about: 'For Plex, Emby, Channels.',
            url: 'http://192.168.1.5:8000/hdhr',
            needs_password: false,
          },
        ],
      }),
    ],
    ['GET', /live\/sessions$/, () => page(sessions)],
    [
      'DELETE',
      /live\/sessions\/[^/]+$/,
      (url) => {
        const uuid = url.pathname.split('/').pop()
        sessions.splice(
          sessions.findIndex((one) => one.uuid === uuid),
          1,
        )
        world.tell('live.session_ended', { uuid })
        return [204]
      },
    ],
    ['GET', /channels\/groups\/$/, () => GROUPS.map((one) => ({ ...one, channel_count: 10, m3u_account_count: 1 }))],
    ['GET', /channels\/profiles\/$/, () => (empty ? [] : [{ id: 1, name: 'Kids', channels: [1, 2, 3] }])],
    [
      'GET',
      /channels\/logos\/$/,
      () => ({
        count: 3,
        next: null,
        previous: null,
        results: channels.slice(0, 12).map((one) => ({
          id: one.id,
          name: one.name,
          url: '',
          cache_url: '',
          channel_count: 1,
          is_used: true,
          channel_names: [],
        })),
      }),
    ],
    [
      'GET',
      /channels\/streams\/$/,
      () => ({
        count: channels.length,
        next: null,
        previous: null,
        results: channels.slice(0, 200).map((one) => ({
          id: one.id,
          name: `${one.name} HD`,
          url: null,
          m3u_account: 3,
          logo_url: null,
          tvg_id: null,
          is_stale: false,
          is_custom: false,
          channel_group: 1,
          enabled: true,
          stream_stats: null,
        })),
      }),
    ],
    [
      'GET',
      /filters\/$/,
      () => [{ id: 1, filter_type: 'group', regex_pattern: '^(ADULT|XXX)', exclude: true, order: 0, custom_properties: {} }],
    ],
    [
      'POST',
      /m3u\/accounts\/$/,
      (_, body) => {
        sources.push({
          ...(sources[0] ?? {
            kind: 'playlist',
            address: '',
            is_active: true,
            locked: false,
            message: '',
            updated_at: null,
            next_at: null,
            job: null,
            channels: 0,
            groups_enabled: 0,
            programmes: 0,
            max_streams: 0,
            used_streams: 0,
            expires_at: null,
            refresh_hours: 24,
          }),
          ref: 'm3u:9',
          id: 9,
          name: body.name,
          status: 'pending_setup',
          streams: 2400,
          groups: 31,
        })
        return { id: 9 }
      },
    ],
    [
      'POST',
      /test\/expire$/,
      () => {
        expired = true
        return [204]
      },
    ],
  ]
  const world = {
    tell: () => {},
    tick() {
      if (job.state === 'running') {
        job.done = Math.min(job.total, job.done + 3_000)
        world.tell('core.job_changed', job)
      }
      for (const one of sessions) {
        one.rate_bps = 6e6 + Math.random() * 1e6
        world.tell('live.session_changed', { uuid: one.uuid, session: one })
      }
    },
    answer(method, url, body) {
      if (expired && !/v1\/session$/.test(url.pathname)) return [401, { code: 'not_signed_in' }]
      const found = routes.find(([verb, path]) => verb === method && path.test(url.pathname))
      if (!found) return method === 'GET' ? [404, { code: 'not_found', detail: `No answer for ${url.pathname}` }] : [204]
      const made = found[2](url, body)
      return Array.isArray(made) && typeof made[0] === 'number' ? made : [200, made]
    },
  }
  return world
}
