/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_LIBYAML_H
#define HOMING_COMMAND_LIBYAML_H

#include <yaml.h>

#include "base/late.h"

/* libyaml, loaded when it is first called: all that homing calls of it. */
#define yaml_document_delete         LATE(yaml, yaml_document_delete)
#define yaml_document_get_node       LATE(yaml, yaml_document_get_node)
#define yaml_document_get_root_node  LATE(yaml, yaml_document_get_root_node)
#define yaml_parser_delete           LATE(yaml, yaml_parser_delete)
#define yaml_parser_initialize       LATE(yaml, yaml_parser_initialize)
#define yaml_parser_load             LATE(yaml, yaml_parser_load)
#define yaml_parser_set_input_string LATE(yaml, yaml_parser_set_input_string)

#endif
