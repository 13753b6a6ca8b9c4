/** One message of a text/event-stream. */
export interface Message {
  id: string
  event: string
  data: string
}

/** Feeds on chunks of text and gives whole messages; lines may be cut anywhere. Source: WHATWG HTML, 9.2.6. */
export function createParser(give: (message: Message) => void): (chunk: string) => void {
  let rest = ''
  let id = ''
  let event = ''
  let data: string[] = []
  const line = (text: string) => {
    if (text === '') {
      if (data.length > 0) give({ id, event: event || 'message', data: data.join('\n') })
      id = ''
      event = ''
      data = []
      return
    }
    const colon = text.indexOf(':')
    if (colon === 0) return // a comment: the heartbeat
    const field = colon < 0 ? text : text.slice(0, colon)
    const value = colon < 0 ? '' : text.slice(colon + 1).replace(/^ /, '')
    if (field === 'data') data.push(value)
    else if (field === 'event') event = value
    else if (field === 'id') id = value
  }
  return (chunk) => {
    const lines = (rest + chunk).split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop() ?? ''
    for (const text of lines) line(text)
  }
}
