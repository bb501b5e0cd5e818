// The log format that we ask for: everything that tells the causes of failures apart. The one text of it, wherever it is shown: the runbook, the
// setup page and the README (which a test compares). Every value is quoted: nginx writes 009 and - as they are, which no number may be.

/** nginx, for the http block. */
export const NGINX_LOG_FORMAT = `log_format fivealarm escape=json '{"time":"$time_iso8601","remote_addr":"$remote_addr","host":"$host",'
  '"request_method":"$request_method","uri":"$request_uri","status":"$status","body_bytes_sent":"$body_bytes_sent","request_time":"$request_time",'
  '"upstream_addr":"$upstream_addr","upstream_status":"$upstream_status","upstream_connect_time":"$upstream_connect_time",'
  '"upstream_header_time":"$upstream_header_time","upstream_response_time":"$upstream_response_time",'
  '"upstream_bytes_received":"$upstream_bytes_received","limit_req_status":"$limit_req_status","http_user_agent":"$http_user_agent"}';`;
