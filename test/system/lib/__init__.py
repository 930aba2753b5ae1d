# SPDX-License-Identifier: ISC
"""What the system tests share: programs, servers, network namespaces. Nothing here leaves loopback or a namespace of the test."""
