# SPDX-License-Identifier: ISC
"""What makes a namespace with the devices "lan" (192.168.1.1/24) and "wan" a home router: nft's rules, miniupnpd's settings."""
RULES = """table inet miniupnpd {
 chain forward { type filter hook forward priority 0; policy accept;
 }
 chain prerouting { type nat hook prerouting priority -100;
 }
 chain postrouting { type nat hook postrouting priority 99;
 }
}
table ip nat {
 chain postrouting { type nat hook postrouting priority 100; oifname "wan" masquerade;
 }
}
"""
CONF = """ext_ifname=wan
listening_ip=lan
enable_natpmp=yes
enable_upnp=yes
secure_mode=yes
http_port=5000
notify_interval=30
upnp_table_name=miniupnpd
upnp_nat_table_name=miniupnpd
upnp_forward_chain=forward
upnp_nat_chain=prerouting
upnp_nat_postrouting_chain=postrouting
uuid=00000000-1111-2222-3333-444444444444
allow 1024-65535 192.168.1.0/24 1024-65535
deny 0-65535 0.0.0.0/0 0-65535
"""
