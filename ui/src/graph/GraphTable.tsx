/** A graph as a table: each node with what comes before and after it. */

import charts from '../charts/charts.module.css'
import { t } from '../kit/i18n'
import { StateBadge } from '../kit/StateBadge'
import type { Shown } from './model'
import { kindOf, type NodeStatus } from './scene'

const MOST = 100

interface GraphTableProps {
  readonly shown: Shown
  statusOf(id: string): NodeStatus | null
  onOpen(id: string): void
}

export function GraphTable({ shown, statusOf, onOpen }: GraphTableProps) {
  const nodes = shown.nodes.filter((node) => !shown.open.has(node.id))
  return (
    <div className={charts.tableBox}>
      <table className={charts.table}>
        <thead>
          <tr>
            <th scope="col">{t('graph.node', 'Node')}</th>
            <th scope="col">{t('graph.kind', 'Kind')}</th>
            <th scope="col">{t('gantt.state', 'State')}</th>
            <th scope="col">{t('graph.before', 'After')}</th>
            <th scope="col">{t('graph.after', 'Before')}</th>
          </tr>
        </thead>
        <tbody>
          {nodes.slice(0, MOST).map((node) => {
            const status = statusOf(node.id)
            return (
              <tr key={node.id}>
                <th scope="row">
                  <button type="button" className={charts.link} onClick={() => onOpen(node.id)}>
                    {node.id}
                  </button>
                </th>
                <td>{kindOf(node)}</td>
                <td>{status?.state ? <StateBadge state={status.state} /> : '–'}</td>
                <td>{names(shown.edges.filter((edge) => edge[1] === node.id).map((edge) => edge[0]))}</td>
                <td>{names(shown.edges.filter((edge) => edge[0] === node.id).map((edge) => edge[1]))}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
      {nodes.length > MOST && (
        <p className="muted">
          {t('chart.first', 'The first {n} of {all}', {
            n: MOST,
            all: nodes.length,
          })}
        </p>
      )}
    </div>
  )
}

function names(some: readonly string[]): string {
  return some.length > 4 ? `${some.slice(0, 4).join(', ')} + ${some.length - 4}` : some.join(', ') || '–'
}
