/** The log viewer in a frame: with a router of its own, which its menus ask for and nobody sees. */
import { MemoryRouter } from 'react-router'
import { LogViewer, type LogViewerProps } from '../logs/LogViewer'

export default function EmbedLog(props: LogViewerProps) {
  return (
    <MemoryRouter>
      <LogViewer {...props} />
    </MemoryRouter>
  )
}
