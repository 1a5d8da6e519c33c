/** The section of the settings that the URL names. */
import { Suspense } from 'react';
import { NotFound } from '~/app/places';
import { settingsRoute } from '~/app/router';
import { sections } from './sections';

export function SettingsPage() {
  const { section, item } = settingsRoute.useParams();
  const found = sections.find((x) => x.id === section);
  if (!found) return <NotFound />;
  return (
    <Suspense fallback={null}>
      <found.Page key={found.id} item={item} />
    </Suspense>
  );
}
