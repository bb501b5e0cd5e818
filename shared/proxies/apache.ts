// Apache httpd: mod_proxy writes an AH number and the reason to the error log (modules/proxy/proxy_util.c, mod_proxy_http.c).
import { grepped, type ProxyGuide } from './guide.ts';

/** Debian's and Red Hat's places. */
const ERROR_LOG = '/var/log/apache2/error.log /var/log/httpd/error_log';
const said = (words: string, pattern: string) => ({
  say: `Find it in Apache's error log: ${words}.`,
  run: grepped(ERROR_LOG, pattern).replace(' | ', ' 2>/dev/null | '),
});
const PROXY = said(
  'AH00957 and AH01114 mean that connecting failed, with the reason; AH01102 that no response was read; AH00898 names the error that the client got',
  'AH0(0957|0959|0940|1114|1102|1110|0898|1144|0961)',
);

export const apache: ProxyGuide = {
  proxy: 'apache',
  name: 'Apache',
  log: said('mod_proxy writes an AH number and the reason', 'proxy|AH[0-9]{5}'),
  steps: {
    unknown: [
      PROXY,
      {
        say: 'After a failed connect Apache leaves that worker out for 60 s (retry=60) and returns 503 meanwhile: which workers are configured?',
        run: 'apachectl -t -D DUMP_VHOSTS; grep -RnE "ProxyPass|BalancerMember|retry=" /etc/apache2 /etc/httpd 2>/dev/null',
      },
    ],
    app_exception: [
      said('a script’s own error stands there, e.g. "PHP Fatal error"', 'PHP|fatal|End of script|AH01071'),
    ],
    proxy_denied: [
      said(
        'AH01630 client denied by server configuration, AH01617 and AH01618 authentication, ModSecurity',
        'AH016|ModSecurity',
      ),
    ],
    no_route: [said('AH00128 File does not exist', 'AH00128|AH00035')],
    request_too_large: [
      said('AH00135, "Requested content-length … is larger than the configured limit"', 'larger than|AH00135'),
    ],
    bad_request: [
      said('"Invalid URI in request", AH00126, or at level debug AH00567 and the like', 'AH00(126|567|566)|Invalid'),
    ],
  },
};
