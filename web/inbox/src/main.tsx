import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Root } from '~/app/Root';
import { createServices, ServicesProvider } from '~/app/services';
import './app/base.css';
import '../../tokens/tokens.css';
import '../../tokens/fonts.css';

const root = document.getElementById('root');
if (!root) throw new Error('no #root');
const services = createServices();

createRoot(root).render(
  <StrictMode>
    <ServicesProvider value={services}>
      <QueryClientProvider client={services.query}>
        <Root />
      </QueryClientProvider>
    </ServicesProvider>
  </StrictMode>,
);
