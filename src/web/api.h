/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_WEB_API_H
#define HOMING_WEB_API_H

#include "web/routes.h"

/* The handlers of the API, as the table of routes names them. */
route_fn api_start;    /* all the page needs for its first paint */
route_fn api_document; /* route->what: enum web_document */
route_fn api_action;   /* route->what: enum web_action */
route_fn api_remove;
route_fn api_lookup;
route_fn api_log;
route_fn api_events;
route_fn api_openapi;
route_fn api_health;
route_fn api_sign_in;
route_fn api_sign_out; /* route->what: 1 for all sessions */
route_fn api_claim;
route_fn api_link;
route_fn api_password;
route_fn api_tokens;
route_fn api_token_add;
route_fn api_token_remove;
route_fn api_devices;
route_fn api_device_add;
route_fn api_device_renew;
route_fn api_device_remove;

#endif
