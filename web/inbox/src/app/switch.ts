import { createContext, useContext } from 'react';
import type { Locale } from '~/app/locale';

/** Changes the language of the page. */
export const LocaleSwitch = createContext<(l: Locale) => void>(() => {});
export const useLocaleSwitch = () => useContext(LocaleSwitch);
