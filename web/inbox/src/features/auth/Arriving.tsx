import { useEffect, useRef, useState } from 'react';
import { useServices } from '~/app/services';
import { SignIn } from './SignIn';

/** /callback: exchanges the issuer's code and goes on where the user was. */
export function Arriving({ done }: { done: () => void }) {
  const { session } = useServices();
  const [problem, setProblem] = useState('');
  const once = useRef(false);
  useEffect(() => {
    if (once.current) return;
    once.current = true;
    session
      .complete(new URLSearchParams(location.search))
      .then((to) => {
        history.replaceState(null, '', to.startsWith('/') && !to.startsWith('//') ? to : '/');
        done();
      })
      .catch((err: Error) => setProblem(err.message));
  }, [session, done]);
  return problem ? <SignIn problem={problem} /> : null;
}
