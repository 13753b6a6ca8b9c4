import { useState } from 'react'
import css from '../library.module.css'

/** A wide picture behind the head of a page, fading into it; nothing when there is none. */
export function Backdrop({ image }: { image: string | null }) {
  const [broken, setBroken] = useState('')
  if (!image || image === broken) return null
  return <img className={css.backdrop} src={image} alt="" onError={() => setBroken(image)} />
}
