import { useNavigate } from '@tanstack/react-router';
import { useCallback } from 'react';

/** Opens an empty page to write a first message on. Its draft gets an id of this page's making. */
export function useWrite(): () => void {
  const navigate = useNavigate();
  return useCallback(() => {
    const id = crypto.randomUUID().replaceAll('-', '');
    void navigate({ to: '/write/$draft', params: { draft: id } });
  }, [navigate]);
}
