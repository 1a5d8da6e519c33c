/** The section of the settings that the URL names. */
import { Suspense } from 'react';
import { Closed } from '~/app/Closed';
import { useT } from '~/app/locale';
import { NotFound } from '~/app/places';
import { settingsRoute } from '~/app/router';
import { useMe } from '~/app/services';
import { sections, shows } from './sections';

export function SettingsPage() {
  const { section, item } = settingsRoute.useParams();
  const { t } = useT();
  const me = useMe();
  const found = sections.find((x) => x.id === section);
  if (!found) return <NotFound />;
  if (!shows(found, me.role)) return <Closed title={t(found.label)} />;
  return (
    <Suspense fallback={null}>
      <found.Page key={found.id} item={item} />
    </Suspense>
  );
}
