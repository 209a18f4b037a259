/** Which thing a page's dialog is about, in the URL: `?edit=NAME`, `?new=1`. Opening adds an entry to the history. */
import { useUrlState } from '../../../kit/useUrlState'

const STATE = { edit: '', new: false }

export function useEdit() {
  const [state, set] = useUrlState(STATE)
  return {
    edit: state.edit,
    isNew: state.new,
    open: (name: string) => set({ edit: name, new: false }, { push: true }),
    create: () => set({ edit: '', new: true }, { push: true }),
    close: () => set({ edit: '', new: false }),
  }
}
