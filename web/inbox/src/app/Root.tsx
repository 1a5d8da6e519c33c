/** Language first, then who is signed in, then the routes. */
import { RouterProvider } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { chooseLocale, chosenLocale, type Locale, LocaleContext, loadTranslator } from '~/app/locale';
import { createAppRouter } from '~/app/router';
import { useServices, useSessionState } from '~/app/services';
import { LocaleSwitch } from '~/app/switch';
import { Arriving } from '~/features/auth/Arriving';
import { SessionEnded } from '~/features/auth/SessionEnded';
import { SignIn } from '~/features/auth/SignIn';
import { Unreachable } from '~/features/auth/Unreachable';
import { ToastRegion } from '~/ui/Toast';
import type { Translator } from '~core/i18n';

export function Root() {
  const [translator, setTranslator] = useState<Translator | null>(null);
  const choose = useCallback(async (l: Locale) => {
    const next = await loadTranslator(l);
    document.documentElement.lang = l;
    setTranslator(next);
  }, []);
  useEffect(() => void choose(chosenLocale()), [choose]);
  const change = useCallback(
    (l: Locale) => {
      chooseLocale(l);
      void choose(l);
    },
    [choose],
  );
  if (!translator) return null;
  return (
    <LocaleContext.Provider value={translator}>
      <LocaleSwitch.Provider value={change}>
        <Gate />
      </LocaleSwitch.Provider>
    </LocaleContext.Provider>
  );
}

function Gate() {
  const services = useServices();
  const state = useSessionState();
  const [arriving, setArriving] = useState(location.pathname === '/callback');
  const router = useMemo(() => createAppRouter(services), [services]);
  useEffect(() => {
    if (!arriving && services.session.state === 'starting') void services.session.restore();
  }, [arriving, services]);

  if (arriving) return <Arriving done={() => setArriving(false)} />;
  if (state === 'starting') return null;
  if (state === 'unreachable') return <Unreachable />;
  if (state === 'out') return <SignIn barred={services.session.barred} />;
  return (
    <>
      <RouterProvider router={router} />
      <ToastRegion toasts={services.toasts} />
      <SessionEnded open={state === 'ended'} />
    </>
  );
}
