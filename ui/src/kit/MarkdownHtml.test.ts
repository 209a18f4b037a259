import { describe, expect, it } from 'vitest'
import { parsed } from './MarkdownHtml'

// The cleaning by DOMPurify needs a real browser: the browser tests have it. This is what comes before.
describe('Markdown of authors', () => {
  it('becomes HTML', () => {
    expect(parsed('# Title\n\n[here](https://a.example) *soft*')).toContain(
      '<h1>Title</h1>\n<p><a href="https://a.example">here</a> <em>soft</em></p>',
    )
    expect(parsed('[a](../x) [b](/y?z=1) [c](mailto:a@b.example) [d](page)')).not.toContain('"#"')
  })
  it.each([
    '<script>alert(1)</script>',
    'text <img src=x onerror=alert(1)> text',
    '<iframe src="https://evil.example"></iframe>',
    '<form action="https://evil.example"><input></form>',
    '<svg onload=alert(1)>',
  ])('shows raw HTML as text: %s', (text) => {
    expect(parsed(text)).not.toMatch(/<(?!\/?p>)/)
  })
  it.each([
    '[x](javascript:alert(1))',
    '[x](JaVaScRiPt:alert(1))',
    '![x](data:text/html,1)',
    '[x](vbscript:x)',
    '[x](<java\tscript:alert(1)>)',
  ])('leads nowhere: %s', (text) => {
    expect(parsed(text)).toMatch(/(href|src)="#"/)
  })
})
