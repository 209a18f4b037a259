/** Filters that the visitor keeps by name, in this browser. */
import { useState } from 'react'
import { useLocation, useNavigate } from 'react-router'
import { Button } from '../../kit/Button'
import { Dialog } from '../../kit/Dialog'
import { Field, Input } from '../../kit/Field'
import { t } from '../../kit/i18n'
import { Menu, type MenuItem } from '../../kit/Menu'
import { remember, remembered } from '../../kit/store'
import { toast } from '../../kit/Toast'
import { isFiltered, type ListFilter } from './filter'

type Saved = { name: string; search: string }

export function SavedFilters(props: { name: string; filter: ListFilter; onClear: () => void }) {
  const key = `filters.${props.name}`
  const [saved, setSaved] = useState<readonly Saved[]>(() => remembered<Saved[]>(key, []))
  const [isNaming, setNaming] = useState(false)
  const navigate = useNavigate()
  const { pathname, search } = useLocation()
  const keep = (next: readonly Saved[]) => {
    setSaved(next)
    remember(key, next)
  }
  const current = saved.find((one) => one.search === search)
  const items: MenuItem[] = [
    ...(saved.length === 0
      ? [{ kind: 'label' as const, label: t('saved.none', 'No saved filter yet') }]
      : saved.map((one) => ({
          label: one.name,
          checked: one.search === search,
          onSelect: () => navigate(pathname + one.search),
        }))),
    { kind: 'separator' },
    {
      label: t('saved.save', 'Save this filter…'),
      icon: 'plus',
      disabled: !isFiltered(props.filter),
      onSelect: () => setNaming(true),
    },
    ...(current
      ? [
          {
            label: t('saved.delete', 'Forget “{name}”', { name: current.name }),
            icon: 'trash' as const,
            onSelect: () => {
              keep(saved.filter((one) => one !== current))
              toast({ text: t('saved.gone', 'Filter forgotten'), undo: () => keep(saved) })
            },
          },
        ]
      : []),
  ]
  return (
    <>
      <Menu
        label={t('saved.title', 'Saved filters')}
        items={items}
        trigger={(trigger) => (
          <Button size="sm" icon="star" {...trigger}>
            {current ? current.name : t('saved.short', 'Saved')}
          </Button>
        )}
      />
      {isNaming && (
        <NameDialog
          onClose={() => setNaming(false)}
          onName={(name) => keep([...saved.filter((one) => one.name !== name), { name, search }])}
        />
      )}
    </>
  )
}

function NameDialog(props: { onClose: () => void; onName: (name: string) => void }) {
  const [name, setName] = useState('')
  const submit = () => {
    if (!name.trim()) return
    props.onName(name.trim())
    props.onClose()
  }
  return (
    <Dialog
      open
      width={400}
      onClose={props.onClose}
      onSubmit={submit}
      title={t('saved.save', 'Save this filter…')}
      footer={
        <>
          <Button onClick={props.onClose}>{t('cancel', 'Cancel')}</Button>
          <Button type="submit" variant="primary" disabled={!name.trim()}>
            {t('save', 'Save')}
          </Button>
        </>
      }
    >
      <Field label={t('saved.name', 'Name')} hint={t('saved.hint', 'Kept in this browser.')}>
        <Input data-autofocus value={name} maxLength={60} onChange={(event) => setName(event.target.value)} />
      </Field>
    </Dialog>
  )
}
