import { useArrows } from '~/kit/arrows'
import { useSession } from '~/kit/session'
import { AccountMenu } from './AccountMenu'
import { Bell } from './Bell'
import { JobTray } from './JobTray'

/** The right end of the top bar. */
export default function Tools() {
  const { may } = useSession()
  useArrows()
  return (
    <>
      {may('core:read') && <JobTray />}
      <Bell />
      <AccountMenu />
    </>
  )
}
