import DOMPurify, { type Config } from 'dompurify'
import { Marked } from 'marked'
import { useMemo } from 'react'

const CONFIG: Config = {
  USE_PROFILES: { html: true },
  FORBID_TAGS: ['style', 'form', 'input', 'button', 'textarea', 'select', 'iframe', 'video', 'audio', 'dialog'],
  FORBID_ATTR: ['style', 'id', 'name', 'class'],
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|\/|#|\.)/i,
  RETURN_TRUSTED_TYPE: false,
}

const escaped = (text: string) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)

const SAFE = /^(?:https?:|mailto:|[/#.?]|[^:]*$)/i

/** Raw HTML in the text is shown as it is written, as in Airflow by default; addresses that would run lead nowhere. */
const marked = new Marked({
  gfm: true,
  renderer: { html: ({ text }) => escaped(text) },
  walkTokens(token) {
    if ((token.type === 'link' || token.type === 'image') && !SAFE.test(String(token.href).trim())) token.href = '#'
  },
})

/** Markdown as HTML, before the cleaning. */
export function parsed(text: string): string {
  return marked.parse(text, { async: false })
}

/** Text of authors as HTML without anything that acts. Links open elsewhere and do not tell where from. */
export function cleaned(text: string): string {
  const body = DOMPurify.sanitize(parsed(text), { ...CONFIG, RETURN_DOM: true }) as unknown as HTMLElement
  for (const link of body.querySelectorAll('a[href]')) {
    link.setAttribute('target', '_blank')
    link.setAttribute('rel', 'noopener noreferrer nofollow')
  }
  for (const image of body.querySelectorAll('img')) {
    if (!image.hasAttribute('alt')) image.setAttribute('alt', '')
    image.setAttribute('loading', 'lazy')
  }
  // The page has its own first headings.
  for (const heading of body.querySelectorAll('h1, h2')) {
    const smaller = document.createElement('h3')
    smaller.innerHTML = heading.innerHTML
    heading.replaceWith(smaller)
  }
  return body.innerHTML
}

export default function MarkdownHtml({ text, className }: { text: string; className: string }) {
  const html = useMemo(() => cleaned(text), [text])
  // DOMPurify has cleaned it
  return <div className={className} dangerouslySetInnerHTML={{ __html: html }} />
}
