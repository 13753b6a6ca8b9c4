import { Poster } from '~/kit/Poster'
import { watchTitle } from './playback/watch'
import { pageOf, picture, placeOf, seenOf, type Tile } from './shapes'

/** A card of the server as a poster that leads to its page and plays. */
export function TilePoster({ card, wide = false }: { card: Tile; wide?: boolean }) {
  const isEpisode = card.mediaType === 'episode'
  const title = isEpisode ? (card.showTitle ?? card.title) : card.title
  const subtitle = isEpisode ? `${placeOf(card)} ${card.title}` : placeOf(card)
  const image = wide ? picture(card, 'backdrop', 'still', 'thumb', 'poster') : picture(card, 'poster', 'still', 'thumb')
  const plays = card.mediaType === 'movie' || isEpisode
  return (
    <Poster
      to={pageOf(card)}
      title={title}
      subtitle={subtitle}
      image={image}
      shape={wide ? 'wide' : 'poster'}
      progress={seenOf(card.userState)}
      isSeen={card.userState?.watched ?? false}
      {...(plays
        ? {
            onPlay: () =>
              watchTitle({
                mediaType: isEpisode ? 'episode' : 'movie',
                mediaId: card.id,
                title,
                subtitle,
                image,
              }),
          }
        : {})}
    />
  )
}
