// Every contract check.
import { authStorm } from './auth-storm.ts';
import type { ContractCheck } from './check.ts';
import { everything200 } from './everything-200.ts';
import { gatewayPath } from './gateway-path.ts';
import { ignored429 } from './ignored-429.ts';
import { impatientClients } from './impatient-clients.ts';
import { limiterCode } from './limiter-code.ts';
import { maskedFailures } from './masked-failures.ts';
import { mixed403And404 } from './mixed-403-404.ts';
import { postRedirected } from './post-redirected.ts';
import { redirectLoop } from './redirect-loop.ts';
import { revalidationLost } from './revalidation-lost.ts';
import { routeGone } from './route-gone.ts';

export const contractChecks = [
  postRedirected,
  redirectLoop,
  maskedFailures,
  gatewayPath,
  limiterCode,
  ignored429,
  authStorm,
  routeGone,
  impatientClients,
  mixed403And404,
  revalidationLost,
  everything200,
] as const satisfies readonly ContractCheck[];
