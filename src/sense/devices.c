/*
 * SPDX-License-Identifier: ISC
 */
#include "sense/devices.h"

#include <string.h>

#include "base/text.h"

const struct device devices[] = {
    {"2wire", "2Wire 1701HG Gateway", "/xslt?PAGE=B01", "Internet Address:"},
    {"3com-3c886a", "3com 3c886a 56k Lan Modem", "/stat3.htm", "IP address in use"},
    {"3com-oc-remote812", "3com OfficeConnect Remote 812", "/callEvent", ".*LOCAL"},
    {"alcatel-510", "Alcatel Speed Touch 510", "/cgi/ip/", "ppp"},
    {"alcatel-530", "Alcatel/Thomson SpeedTouch 530", "/cgi/status/", "IP Address"},
    {"alcatel-stp", "Alcatel Speed Touch Pro", "/cgi/router/", "Brt"},
    {"allnet-1298", "Allnet 1298", "/cgi/router/", "WAN"},
    {"cayman-3220h", "Cayman 3220-H DSL", "/shell/show+ip+interfaces", ".*inet"},
    {"cisco", "Cisco FW", NULL, NULL},
    {"cisco-asa", "Cisco ASA", NULL, NULL},
    {"dlink-524", "D-Link DI-524", "/st_device.html", "WAN.*?Addres"},
    {"dlink-604", "D-Link DI-604", "/st_devic.html", "WAN.*?IP.*Address"},
    {"dlink-614", "D-Link DI-614+", "/st_devic.html", "WAN"},
    {"e-tech", "E-tech Router", "/Status.htm", "Public IP Address"},
    {"elsa-lancom-dsl10", "ELSA LanCom DSL/10 DSL FW", "/config/1/6/8/3/", "IP.Address"},
    {"elsa-lancom-dsl10-ch01", "ELSA LanCom DSL/10 DSL FW (isdn ch01)", "/config/1/6/8/3/",
     "IP.Address.*?CH01"},
    {"elsa-lancom-dsl10-ch02", "ELSA LanCom DSL/10 DSL FW (isdn ch01)", "/config/1/6/8/3/",
     "IP.Address.*?CH02"},
    {"linksys", "Linksys FW", "/Status.htm", "WAN.*?Address"},
    {"linksys-rv042-wan1", "Linksys RV042 Dual Homed Router WAN Port 2", "/home.htm", "WAN1 IP"},
    {"linksys-rv042-wan2", "Linksys RV042 Dual Homed Router WAN Port 2", "/home.htm", "WAN2 IP"},
    {"linksys-ver2", "Linksys FW version 2", "/RouterStatus.htm", "WAN.*?Address"},
    {"linksys-ver3", "Linksys FW version 3", "/Status_Router.htm", "WAN.*?Address"},
    {"linksys-wcg200", "Linksys WCG200 FW", "/RgStatus.asp", "WAN.IP.*?Address"},
    {"linksys-wrt854g", "Linksys WRT854G FW", "/Status_Router.asp", "IP Address:"},
    {"maxgate-ugate3x00", "MaxGate UGATE-3x00 FW", "/Status.htm", "WAN.*?IP Address"},
    {"netcomm-nb3", "NetComm NB3", "/MainPage?id=6", "ppp-0"},
    {"netgear-dg834g", "netgear-dg834g", "/setup.cgi?next_file=s_status.htm&todo=cfg_init", NULL},
    {"netgear-rp614", "Netgear RP614 FW", "/sysstatus.html", "IP Address"},
    {"netgear-rt3xx", "Netgear FW", "/mtenSysStatus.html", "IP Address"},
    {"netgear-wgt624", "Netgear WGT624", "/RST_st_dhcp.htm",
     "IP Address</B></td><TD NOWRAP width=\"50%\">"},
    {"netgear-wpn824", "Netgear WPN824 FW", "/RST_status.htm", "IP Address"},
    {"netopia-r910", "Netopia R910 FW", "/WanEvtLog", "local:"},
    {"olitec-SX200", "olitec-SX200", "/doc/wan.htm", "st_wan_ip\\[0\\] = \""},
    {"rtp300", "Linksys RTP300",
     "/cgi-bin/webcm?getpage=%2Fusr%2Fwww_safe%2Fhtml%2Fstatus%2FRouter.html",
     "Internet.*?IP Address"},
    {"siemens-ss4200", "Siemens SpeedStream 4200", "/summary.htm", NULL},
    {"sitecom-dc202", "Sitecom DC-202 FW", "/status.htm", "Internet IP Address"},
    {"smc-barricade", "SMC Barricade FW", "/status.htm", "IP Address"},
    {"smc-barricade-7004vbr", "SMC Barricade FW (7004VBR model config)", "/status_main.stm",
     "var wan_ip="},
    {"smc-barricade-7401bra", "SMC Barricade 7401BRA FW", "/admin/wan1.htm", "IP Address"},
    {"smc-barricade-alt", "SMC Barricade FW (alternate config)", "/status.HTM", "WAN IP"},
    {"sohoware-nbg800", "SOHOWare BroadGuard NBG800", "/status.htm", "Internet IP"},
    {"sveasoft", "Sveasoft WRT54G/WRT54GS", "/Status_Router.asp", "var wan_ip"},
    {"thomson-st536v6", "Thomson SpeedTouch 536v6", "/cgi/b/is/", "IP Address"},
    {"thomson-tg782", "Thomson/Technicolor TG782", "/cgi/b/is/", "IP Address"},
    {"vigor-2200usb", "Vigor 2200 USB", "/doc/online.sht", "PPPoA"},
    {"watchguard-edge-x", "Watchguard Edge X FW", "/netstat.htm", "inet addr:"},
    {"watchguard-soho", "Watchguard SOHO FW", "/pubnet.htm", "NAME=IPAddress VALUE="},
    {"westell-6100", "Westell C90-610015-06 DSL Router", "/advstat.htm", "IP.+?Address"},
    {"xsense-aero", "Xsense Aero", "/A_SysInfo.htm", "WAN.*?IP Address"},
};
const size_t device_count = sizeof devices / sizeof devices[0];

const struct device *device_find(const char *name)
{
    for (size_t i = 0; i < device_count; i++)
        if (text_case_equal(devices[i].name, name))
            return &devices[i];
    return NULL;
}

/* Cisco: a command in the path names the interface (section 3.9). */
static bool cisco_url(const struct device *d, const char *where, const char *interface,
                      struct buf *out)
{
    bool asa = text_equal(d->name, "cisco-asa");
    bool ok = buf_format(out,
                         asa ? "https://%s/exec/show%%20interface%%20"
                             : "http://%s/level/1/exec/show/ip/interface/brief/",
                         where);
    for (const char *c = interface; *c != '\0'; c++) {
        if (*c == '/')
            ok = buf_text(out, "\\/") && ok;
        else if (strchr("?&= ", *c) != NULL)
            ok = text_add_percent(out, c, 1, "") && ok;
        else
            ok = buf_char(out, *c) && ok;
    }
    return ok && (asa || buf_text(out, "/CR"));
}

bool device_url(const struct device *d, const char *where, const char *interface, struct buf *out)
{
    if (where == NULL || where[0] == '\0')
        return false;
    if (d->path == NULL)
        return cisco_url(d, where, interface != NULL ? interface : "", out);
    if (strchr(where, '/') != NULL)
        return buf_text(out, where);
    return buf_format(out, "http://%s%s", where, d->path);
}
