/** What of a picture stays the same while the pointer moves, painted once and copied: hovering is then cheap. */

export class Layer {
  private readonly canvas: HTMLCanvasElement = document.createElement('canvas')
  private key: readonly unknown[] = []

  /** Copy the layer to a context; `paint` is called first when one of the key's parts is another than before. */
  draw(
    ctx: CanvasRenderingContext2D,
    size: { readonly width: number; readonly height: number },
    key: readonly unknown[],
    paint: (ctx: CanvasRenderingContext2D) => void,
  ): void {
    const { width, height } = ctx.canvas
    const all = [width, height, ...key]
    if (!sameParts(all, this.key)) {
      this.key = all
      // Setting the size also wipes it.
      this.canvas.width = width
      this.canvas.height = height
      const own = this.canvas.getContext('2d')
      if (!own) return
      own.scale(width / size.width, height / size.height)
      paint(own)
    }
    ctx.drawImage(this.canvas, 0, 0, size.width, size.height)
  }
}

/** Whether two lists have the same parts. */
export function sameParts(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((part, at) => Object.is(part, b[at]))
}
